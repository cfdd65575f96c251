import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import type { CaseResult } from './suite.js';
import { qttSuite } from './qtt/qtt-suite.js';

const results = await qttSuite({ casesFolder: join(import.meta.dirname, 'cases'), filter: undefined });

describe('our own cases', () => {
  it('are at least 400, each with a name of its own', () => {
    expect(results.length).toBeGreaterThanOrEqual(400);
    expect(new Set(results.map(({ file, name }) => `${file} - ${name}`)).size).toBe(results.length);
  });

  it.each([...Map.groupBy(results, ({ file }) => file)])('%s', (_file, ofFile: readonly CaseResult[]) => {
    const notPassed = ofFile.filter(({ outcome }) => outcome !== 'passed');
    expect(notPassed.map(({ name, reason }) => `${name}: ${reason}`)).toEqual([]);
  });
});
