import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, jest } from '@jest/globals';
import type * as compile from '../src/expression/compile.js';

/** Every case again, with the plain evaluator in place of generated code: what one passes, the other passes. */
let evaluators = 0; // columns as they are need none
jest.unstable_mockModule('../src/expression/code/generate.js', () => ({
  generateEvaluator: (...given: Parameters<typeof compile.interpretExpression>) => {
    evaluators++;
    return interpretExpression(...given);
  },
  generateProjection: (...given: Parameters<typeof compile.interpretProjection>) => {
    evaluators += given[0].length;
    return interpretProjection(...given);
  },
  generateSelection: (...given: Parameters<typeof compile.interpretSelection>) => {
    evaluators++;
    return interpretSelection(...given);
  },
}));
const { interpretExpression, interpretProjection, interpretSelection } = await import('../src/expression/compile.js');
const { qttSuite } = await import('./qtt/qtt-suite.js');

const published = join(import.meta.dirname, '../../../../shared/ksqldb-cases/qtt');

async function failures(casesFolder: string): Promise<readonly string[]> {
  const results = await qttSuite({ casesFolder, filter: undefined });
  expect(results.filter(({ outcome }) => outcome === 'passed').length).toBeGreaterThan(400);
  return results
    .filter(({ outcome }) => outcome === 'failed')
    .map(({ file, name, reason }) => `${file} ${name}: ${reason}`);
}

describe('the plain evaluator', () => {
  it('passes our own cases', async () => {
    expect(await failures(join(import.meta.dirname, 'cases'))).toEqual([]);
    expect(evaluators).toBeGreaterThan(500);
  }, 120_000);

  (existsSync(published) ? it : it.skip)(
    'passes the published cases that generated code passes',
    async () => {
      expect(await failures(published)).toEqual([]);
    },
    300_000,
  );
});
