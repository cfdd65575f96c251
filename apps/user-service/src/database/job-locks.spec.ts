import { expect, it } from '@jest/globals';
import { jobLocks } from './job-locks.js';

it('no job waits for the turn of another', () => {
  const locks = Object.values(jobLocks);
  expect(new Set(locks).size).toBe(locks.length);
});
