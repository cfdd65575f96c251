import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { expressionsSuite } from './expressions/expressions-suite.js';

describe('expressions and the values that a ksqlDB server gave for them', () => {
  it('have the same type and value here, or stand in the list of deviations', async () => {
    const results = await expressionsSuite({
      casesFolder: join(import.meta.dirname, 'expression-values'),
      filter: undefined,
    });
    const failed = results.filter(({ outcome }) => outcome === 'failed');
    expect(failed.map(({ file, name, reason }) => `${file}: ${name}: ${reason}`)).toEqual([]);
    expect(results.length).toBeGreaterThan(5000);
  }, 120_000);
});
