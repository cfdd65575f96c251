import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { loadSqlite } from '../src/state/disk/sqlite.js';
import type { CaseResult } from './suite.js';
import { qttSuite } from './qtt/qtt-suite.js';

const casesFolder = join(import.meta.dirname, 'cases');
const results = await qttSuite({ casesFolder, filter: undefined });

const withSqlite = loadSqlite() === undefined ? it.skip : it;

describe('our own cases', () => {
  it('are at least 400, each with a name of its own', () => {
    expect(results.length).toBeGreaterThanOrEqual(400);
    expect(new Set(results.map(({ file, name }) => `${file} - ${name}`)).size).toBe(results.length);
  });

  it.each([...Map.groupBy(results, ({ file }) => file)])('%s', (_file, ofFile: readonly CaseResult[]) => {
    const notPassed = ofFile.filter(({ outcome }) => outcome !== 'passed');
    expect(notPassed.map(({ name, reason }) => `${name}: ${reason}`)).toEqual([]);
  });

  withSqlite('come to the same with state on disk', async () => {
    const onDisk = await qttSuite({ casesFolder, filter: undefined, isOnDisk: true });
    expect(onDisk.filter(({ outcome }, at) => outcome !== results[at]?.outcome)).toEqual([]);
  });
});
