import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { exitCodes } from '../exit-codes.js';
import { lintQueries, testQueries } from './query-files.js';

describe('isobar queries lint and test', () => {
  let dir: string;
  let printed = '';
  beforeEach(() => {
    dir = mkdtempSync(join(tmpdir(), 'isobar-files-'));
    process.exitCode = undefined;
    printed = '';
    jest.spyOn(console, 'log').mockImplementation((text: string) => void (printed += text));
    writeFileSync(
      join(dir, 'a.sql'),
      "CREATE STREAM a (id INT KEY, x BIGINT) WITH (KAFKA_TOPIC='iot-sensors', VALUE_FORMAT='JSON', TIMESTAMP='x');",
    );
    writeFileSync(
      join(dir, 'b.sql'),
      '-- @budget 1\n-- @readers us\nCREATE STREAM b AS SELECT id, x FROM a WHERE x > 1 EMIT CHANGES;',
    );
  });
  afterEach(() => {
    process.exitCode = undefined;
    jest.restoreAllMocks();
    rmSync(dir, { recursive: true, force: true });
  });
  const test = (sql: string): void => writeFileSync(join(dir, 'b.test.sql'), sql);
  const options = () => ({ dir, output: 'table' });

  it('say what is wrong where, and the shell learns it', async () => {
    await lintQueries(options());
    expect([printed, process.exitCode]).toEqual([
      'b.sql:3:15: no-test: B has no test\n    instead: b.test.sql beside it\n2 objects, 1 to mend',
      exitCodes.failed,
    ]);
    printed = '';
    await testQueries(undefined, options());
    expect([printed, process.exitCode]).toEqual(['0 tests, 0 failed', exitCodes.blocked]);
    printed = '';
    test('INSERT INTO a VALUES (1, 2);\nASSERT VALUES b VALUES (1, 3);');
    await testQueries('b', options());
    expect(printed).toMatch(
      /FAILED {2}B {2}\d+ ms\n {4}b\.test\.sql:2:1: row 1 of B: X is 2, expected 3\n1 test, 1 failed/,
    );
    expect(process.exitCode).toBe(exitCodes.failed);
  });

  it('are content with what is right', async () => {
    test('INSERT INTO a VALUES (1, 2);\nINSERT INTO a VALUES (1, 1);\nASSERT VALUES b VALUES (1, 2);');
    await lintQueries(options());
    await testQueries(undefined, options());
    expect([printed.startsWith('2 objects, nothing to mend'), process.exitCode]).toEqual([true, undefined]);
    await expect(lintQueries({ dir: join(dir, 'nowhere'), output: 'table' })).rejects.toThrow('there is no folder');
  });
});
