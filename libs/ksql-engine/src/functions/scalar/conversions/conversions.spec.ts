import { describe, expect, it } from '@jest/globals';
import { answerOf } from '../../../testing/sql-answer.js';

/** An expression, and its type and value as JSON text. */
const cases: readonly (readonly [sql: string, answer: string])[] = [
  [`BIGINT_FROM_BYTES(TO_BYTES('Hello', 'utf8'))`, `BIGINT null failed`],
  [`BIGINT_FROM_BYTES('Hello')`, `BIGINT null failed`],
  [`BIGINT_FROM_BYTES(TO_BYTES('7ff8000000000000','hex'))`, `BIGINT 9221120237041090560`],
  [`BIGINT_FROM_BYTES(TO_BYTES('8000000000000000','hex'))`, `BIGINT -9223372036854775808`],
  [`BIGINT_FROM_BYTES(TO_BYTES('0000002a', 'hex'), CAST(NULL AS STRING))`, `BIGINT null`],
  [`BIGINT_FROM_BYTES(TO_BYTES('fffffffffffffffe', 'hex'), 'BIG_ENDIAN')`, `BIGINT -2`],
  [`BIGINT_FROM_BYTES(TO_BYTES('fffffffffffffffe', 'hex'), 'LITTLE_ENDIAN')`, `BIGINT -72057594037927937`],
  [`BIGINT_FROM_BYTES(TO_BYTES('000000000000f83f','hex'), 'LITTLE_ENDIAN')`, `BIGINT 4609434218613702656`],
  [`DOUBLE_FROM_BYTES(TO_BYTES('', 'utf8'))`, `DOUBLE null failed`],
  [`DOUBLE_FROM_BYTES(TO_BYTES('0000002a', 'hex'))`, `DOUBLE null failed`],
  [`DOUBLE_FROM_BYTES(TO_BYTES('000000000000f87f','hex'))`, `DOUBLE 3.143E-319`],
  [`DOUBLE_FROM_BYTES(TO_BYTES('7ff8000000000000','hex'))`, `DOUBLE "NaN"`],
  [`DOUBLE_FROM_BYTES(TO_BYTES('8000000000000000','hex'))`, `DOUBLE -0.0`],
  [`DOUBLE_FROM_BYTES(TO_BYTES('fffffffffffffffe', 'hex'), 'LITTLE_ENDIAN')`, `DOUBLE -5.486124068793688E303`],
  [`DOUBLE_FROM_BYTES(TO_BYTES('fffffffffffffffe', 'hex'), CAST(NULL AS STRING))`, `DOUBLE null`],
  [`DOUBLE_FROM_BYTES(TO_BYTES('000000000000f83f','hex'), 'BIG_ENDIAN')`, `DOUBLE 3.13984E-319`],
  [`INT_FROM_BYTES(TO_BYTES('Hello', 'utf8'))`, `INTEGER null failed`],
  [`INT_FROM_BYTES(TO_BYTES('', 'utf8'))`, `INTEGER null failed`],
  [`INT_FROM_BYTES(TO_BYTES('0000002a', 'hex'))`, `INTEGER 42`],
  [`INT_FROM_BYTES(CAST(NULL AS BYTES))`, `INTEGER null`],
  [`INT_FROM_BYTES(TO_BYTES('0000002a', 'hex'), 'LITTLE_ENDIAN')`, `INTEGER 704643072`],
];

describe('conversions functions', () => {
  it.each(cases)('%s', (sql, answer) => {
    expect(answerOf(sql)).toBe(answer);
  });
});
