import { describe, expect, it } from '@jest/globals';
import { answerOf } from '../../../testing/sql-answer.js';

/** An expression, and its type and value as JSON text. */
const cases: readonly (readonly [sql: string, answer: string])[] = [
  [`AS_VALUE(7)`, `INTEGER 7`],
  [`AS_VALUE(ARRAY[1, 2, 3])`, `ARRAY<INTEGER> [1,2,3]`],
  [`GEO_DISTANCE(52.52, 13.405, 48.137, 11.575)`, `DOUBLE 504.3378994382322`],
  [`GEO_DISTANCE(52.52, 13.405, -33.8688, 151.2093)`, `DOUBLE 16094.499950077832`],
  [`GEO_DISTANCE(52.52, 13.405, 90, 0)`, `DOUBLE 4167.585850638061`],
  [`GEO_DISTANCE(52.52, 13.405, 0, 0)`, `DOUBLE 5972.00928297205`],
  [`GEO_DISTANCE(48.137, 11.575, 48.137, 11.575)`, `DOUBLE 0.0`],
  [`GEO_DISTANCE(48.137, 11.575, -33.8688, 151.2093)`, `DOUBLE 16328.87113333178`],
  [`GEO_DISTANCE(48.137, 11.575, 0, 180)`, `DOUBLE 14547.319715608352`],
  [`GEO_DISTANCE(-33.8688, 151.2093, 0, 0)`, `DOUBLE 15199.450189621848`],
];

describe('other functions', () => {
  it.each(cases)('%s', (sql, answer) => {
    expect(answerOf(sql)).toBe(answer);
  });
});
