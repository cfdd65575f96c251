import { describe, expect, it } from '@jest/globals';
import { answerOf } from '../../../testing/sql-answer.js';

/** An expression, and its type and value as JSON text. */
const cases: readonly (readonly [sql: string, answer: string])[] = [
  [`AS_MAP(ARRAY['a','b'], ARRAY[1,2])`, `MAP<STRING, INTEGER> {"a":1,"b":2}`],
  [`AS_MAP(ARRAY['a','b'], ARRAY[3, NULL, 1, 3])`, `MAP<STRING, INTEGER> {"a":3,"b":null}`],
  [`AS_MAP(ARRAY['a','b'], ARRAY['a', 'B', 'c', 'a'])`, `MAP<STRING, STRING> {"a":"a","b":"B"}`],
  [`AS_MAP(ARRAY['a','b'], CAST(NULL AS ARRAY<INT>))`, `MAP<STRING, INTEGER> null`],
  [`AS_MAP(ARRAY['a','b'], ARRAY[1])`, `MAP<STRING, INTEGER> {"a":1,"b":null}`],
  [`AS_MAP(ARRAY['x'], ARRAY[3, NULL, 1, 3])`, `MAP<STRING, INTEGER> {"x":3}`],
  [`AS_MAP(ARRAY['x'], ARRAY[1])`, `MAP<STRING, INTEGER> {"x":1}`],
  [
    `ENTRIES(MAP('a' := 'x', 'b' := NULL, 'c' := 'z'), CAST(NULL AS BOOLEAN))`,
    `ARRAY<STRUCT<\`K\` STRING, \`V\` STRING>> null`,
  ],
  [
    `ENTRIES(MAP('b' := 'y', 'a' := NULL), TRUE)`,
    `ARRAY<STRUCT<\`K\` STRING, \`V\` STRING>> [{"K":"a","V":null},{"K":"b","V":"y"}]`,
  ],
  [
    `ENTRIES(MAP('2' := TRUE, '10' := FALSE), TRUE)`,
    `ARRAY<STRUCT<\`K\` STRING, \`V\` BOOLEAN>> [{"K":"10","V":false},{"K":"2","V":true}]`,
  ],
  [
    `ENTRIES(MAP('2' := TRUE, '10' := FALSE), FALSE)`,
    `ARRAY<STRUCT<\`K\` STRING, \`V\` BOOLEAN>> [{"K":"2","V":true},{"K":"10","V":false}]`,
  ],
  [`MAP_KEYS(MAP('a' := 'x', 'b' := NULL, 'c' := 'z'))`, `ARRAY<STRING> ["a","b","c"]`],
  [`MAP_KEYS(CAST(NULL AS MAP<STRING, INT>))`, `ARRAY<STRING> null`],
  [`MAP_KEYS(MAP('a' := 1))`, `ARRAY<STRING> ["a"]`],
  [
    `MAP_UNION(MAP('a' := 1, 'b' := 2, 'c' := CAST(NULL AS INT)), MAP('a' := 1, 'b' := 2, 'c' := CAST(NULL AS INT)))`,
    `MAP<STRING, INTEGER> {"a":1,"b":2,"c":null}`,
  ],
  [`MAP_UNION(CAST(NULL AS MAP<STRING, INT>), CAST(NULL AS MAP<STRING, INT>))`, `MAP<STRING, INTEGER> null`],
  [`MAP_VALUES(MAP('a' := 'x', 'b' := NULL, 'c' := 'z'))`, `ARRAY<STRING> ["x",null,"z"]`],
  [`MAP_VALUES(MAP('a' := 1, 'b' := 2, 'c' := CAST(NULL AS INT)))`, `ARRAY<INTEGER> [1,2,null]`],
  [`MAP_VALUES(MAP(CAST(NULL AS STRING) := 1))`, `ARRAY<INTEGER> [1]`],
];

describe('map functions', () => {
  it.each(cases)('%s', (sql, answer) => {
    expect(answerOf(sql)).toBe(answer);
  });
});
