import { describe, expect, it } from '@jest/globals';
import { parsePipelineObject } from '../files/pipeline-object.js';
import { runTest } from './run-test.js';

const source = parsePipelineObject(
  'a.sql',
  "CREATE STREAM a (id VARCHAR KEY, x DOUBLE, ts BIGINT) WITH (KAFKA_TOPIC='a', VALUE_FORMAT='JSON', TIMESTAMP='ts');",
);
const query = parsePipelineObject(
  'b.sql',
  'CREATE TABLE b AS SELECT id, SUM(x) AS total FROM a WINDOW TUMBLING (SIZE 10 SECONDS, GRACE PERIOD 5 SECONDS) GROUP BY id;',
);
const test = (sql: string): string[] =>
  runTest({ file: 'b.test.sql', sql }, query, [source, query]).failures.map(
    ({ line, column, message }) => `${line}:${column} ${message}`,
  );
const insert = (id: string, x: number, ts: number): string =>
  `INSERT INTO a (id, x, ts) VALUES ('${id}', ${x}, ${ts});\n`;

describe('a test beside a file', () => {
  it('passes when every row is as it says', () => {
    expect(
      test(
        insert('s', 1, 1_000) +
          insert('s', 2.5, 2_000) +
          insert('s', 1, 20_000) +
          insert('s', 9, 3_000) +
          "ASSERT VALUES b (id, total, WINDOWSTART, WINDOWEND, ROWTIME) VALUES ('s', 1, 0, 10000, 1000);" +
          "ASSERT VALUES b (id, total) VALUES ('s', 3.5);" +
          "ASSERT VALUES b (id, total, WINDOWSTART) VALUES ('s', 1, 20000);",
      ),
    ).toEqual([]);
  });

  it.each([
    ['another value', "ASSERT VALUES b (id, total) VALUES ('s', 2);", '2:1 row 1 of B: TOTAL is 1, expected 2'],
    ['no row', 'ASSERT VALUES b (total) VALUES (1);\nASSERT VALUES b (total) VALUES (1);', '3:1 B has no row 2'],
    [
      'a deletion',
      "ASSERT NULL VALUES b (id) KEY ('s');",
      '2:1 row 1 of B is no deletion: {"key":"s","value":{"TOTAL":1},"rowtime":1000}',
    ],
    [
      'a row that no assertion takes',
      '',
      '1:1 1 more rows of B came, which no ASSERT takes; the first: {"key":"s","value":{"TOTAL":1},"rowtime":1000}',
    ],
    ['a column that is not there', 'ASSERT VALUES b (nope) VALUES (1);', '2:1 B has no column NOPE; it has ID, TOTAL'],
    [
      'an object that is not there',
      'ASSERT VALUES b (total) VALUES (1);\nASSERT VALUES c (nope) VALUES (1);',
      '3:1 C is not among what B needs: A, B',
    ],
    [
      'another statement',
      'ASSERT VALUES b (total) VALUES (1);\nDROP TABLE b;',
      '3:1 a test holds INSERT INTO … VALUES, ASSERT VALUES and ASSERT NULL VALUES alone',
    ],
    ['what is no SQL', 'ASSERT VALUES b (total) VALUES;', '2:'],
  ])('tells %s with its place', (_what, rest, failure) => {
    const failures = test(insert('s', 1, 1_000) + rest);
    expect(failures[0]).toContain(failure);
    expect(failures).toHaveLength(1);
  });

  it('has the clock where the file says', () => {
    const clock = parsePipelineObject(
      'c.sql',
      'CREATE STREAM c AS SELECT id, UNIX_TIMESTAMP() AS seen FROM a EMIT CHANGES;',
    );
    const sql = `-- @now 1970-01-01T00:00:05Z\n${insert('s', 1, 1)}ASSERT VALUES c (seen) VALUES (5000);`;
    expect(runTest({ file: 'c.test.sql', sql }, clock, [source, clock]).failures).toEqual([]);
  });
});
