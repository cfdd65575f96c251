import { describe, expect, it } from '@jest/globals';
import { answerOf } from '../../../testing/sql-answer.js';

/** An expression, and its type and value as JSON text. */
const cases: readonly (readonly [sql: string, answer: string])[] = [
  [`FILTER(ARRAY[1, 2, 3], x => x > 1)`, `ARRAY<INTEGER> [2,3]`],
  [`FILTER(ARRAY[3, NULL, 1, 3], x => x > 1)`, `ARRAY<INTEGER> [3,3]`],
  [`FILTER(ARRAY[3, NULL, 1, 3], x => x IN (1, 3))`, `ARRAY<INTEGER> [3,1,3]`],
  [`FILTER(ARRAY[3, NULL, 1, 3], x => x = 2)`, `ARRAY<INTEGER> []`],
  [`FILTER(ARRAY[1, 2, 3], x => x % 2 = 0)`, `ARRAY<INTEGER> [2]`],
  [`FILTER(ARRAY[1, 2, 3], x => TRUE)`, `ARRAY<INTEGER> [1,2,3]`],
  [`FILTER(ARRAY[3, NULL, 1, 3], x => TRUE)`, `ARRAY<INTEGER> [3,null,1,3]`],
  [`FILTER(ARRAY[1, 2, 3], x => NOT (x > 1))`, `ARRAY<INTEGER> [1]`],
  [`REDUCE(ARRAY[1, 2, 3], 0, (s, x) => s + x)`, `INTEGER 6`],
  [`REDUCE(CAST(NULL AS ARRAY<INT>), 0, (s, x) => s + x)`, `INTEGER 0`],
  [`REDUCE(ARRAY[1, 2, 3], CAST(NULL AS INT), (s, x) => s + x)`, `INTEGER null`],
  [`REDUCE(ARRAY[1, 2, 3], 10, (s, x) => s - x)`, `INTEGER 4`],
  [`REDUCE(ARRAY[3, NULL, 1, 3], 10, (s, x) => s - x)`, `INTEGER null failed`],
  [`REDUCE(CAST(NULL AS ARRAY<INT>), 10, (s, x) => s - x)`, `INTEGER 10`],
  [`REDUCE(ARRAY[1, 2, 3], 0, (s, x) => x)`, `INTEGER 3`],
  [`REDUCE(ARRAY[1, 2, 3], '', (s, x) => CONCAT(s, CAST(x AS VARCHAR)))`, `STRING "123"`],
  [`TRANSFORM(ARRAY[1, 2, 3], x => x + 1)`, `ARRAY<INTEGER> [2,3,4]`],
  [`TRANSFORM(ARRAY[3, NULL, 1, 3], x => x + 1)`, `ARRAY<INTEGER> null failed`],
  [`TRANSFORM(CAST(NULL AS ARRAY<INT>), x => x + 1)`, `ARRAY<INTEGER> null`],
  [`TRANSFORM(ARRAY[1, 2, 3], x => x * 1.5)`, `ARRAY<DECIMAL(13, 1)> [1.5,3.0,4.5]`],
  [`TRANSFORM(ARRAY[3, NULL, 1, 3], x => CAST(x AS VARCHAR))`, `ARRAY<STRING> ["3",null,"1","3"]`],
  [`TRANSFORM(ARRAY[1, 2, 3], x => x / 0)`, `ARRAY<INTEGER> null failed`],
  [`TRANSFORM(ARRAY[1, 2, 3], x => 7 + x)`, `ARRAY<INTEGER> [8,9,10]`],
  [`TRANSFORM(ARRAY[1, 2, 3], X => X)`, `ARRAY<INTEGER> [1,2,3]`],
];

describe('lambda functions', () => {
  it.each(cases)('%s', (sql, answer) => {
    expect(answerOf(sql)).toBe(answer);
  });
});
