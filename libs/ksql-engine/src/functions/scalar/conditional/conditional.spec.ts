import { describe, expect, it } from '@jest/globals';
import { answerOf } from '../../../testing/sql-answer.js';

/** An expression, and its type and value as JSON text. */
const cases: readonly (readonly [sql: string, answer: string])[] = [
  [`COALESCE(CAST(7 AS BIGINT), CAST(NULL AS BIGINT))`, `BIGINT 7`],
  [`COALESCE(CAST('1.10' AS DECIMAL(10, 2)), CAST('1.10' AS DECIMAL(10, 2)))`, `DECIMAL(10, 2) 1.10`],
  [`COALESCE('Hello', 'Hello')`, `STRING "Hello"`],
  [`COALESCE(CAST(NULL AS BOOLEAN), true)`, `BOOLEAN true`],
  [`COALESCE(TO_BYTES('Hello', 'utf8'), TO_BYTES('Hello', 'utf8'))`, `BYTES "SGVsbG8="`],
  [`COALESCE('2023-01-01', 'Hello')`, `STRING "2023-01-01"`],
  [`COALESCE(3000000000, CAST(NULL AS BIGINT))`, `BIGINT 3000000000`],
  [`COALESCE(CAST(NULL AS INT), CAST(NULL AS INT))`, `INTEGER null`],
  [`IFNULL(7, CAST(NULL AS INT))`, `INTEGER 7`],
  [`IFNULL(CAST(NULL AS BIGINT), CAST(NULL AS BIGINT))`, `BIGINT null`],
  [`IFNULL(CAST(NULL AS DECIMAL(10, 2)), CAST('1.10' AS DECIMAL(10, 2)))`, `DECIMAL(10, 2) 1.10`],
  [`IFNULL(TO_BYTES('Hello', 'utf8'), CAST(NULL AS BYTES))`, `BYTES "SGVsbG8="`],
  [`IFNULL('x', '2023-01-01')`, `STRING "x"`],
  [`IFNULL('2023-01-01', 'Hello')`, `STRING "2023-01-01"`],
  [`IFNULL(3000000000, CAST(7 AS BIGINT))`, `BIGINT 3000000000`],
  [`IFNULL(CAST(7 AS BIGINT), CAST(7 AS BIGINT))`, `BIGINT 7`],
  [`NULLIF(CAST(NULL AS INT), 7)`, `INTEGER null`],
  [`NULLIF('Hello', '2023-01-01')`, `STRING "Hello"`],
  [`NULLIF(true, CAST(NULL AS BOOLEAN))`, `BOOLEAN true`],
  [`NULLIF(FROM_UNIXTIME(1679792399999), CAST(NULL AS TIMESTAMP))`, `TIMESTAMP "2023-03-26T00:59:59.999"`],
  [`NULLIF(ARRAY[1, 2, 3], CAST(NULL AS ARRAY<INT>))`, `ARRAY<INTEGER> [1,2,3]`],
  [`NULLIF('a', 'A')`, `STRING "a"`],
];

describe('conditional functions', () => {
  it.each(cases)('%s', (sql, answer) => {
    expect(answerOf(sql)).toBe(answer);
  });
});
