import { describe, expect, it } from '@jest/globals';
import { must } from '../../errors/assert.js';
import { fixedContext } from '../../testing/sql-answer.js';
import { arrayType, INTEGER } from '../../types/sql-type.js';
import type { SqlValue } from '../../types/sql-value.js';
import type { TableFunction } from '../function.js';
import { cubeExplode } from './cube-explode.js';
import { explode } from './explode.js';

const rowsOf = (table: TableFunction, argument: SqlValue) =>
  must(table.overloads.at(-1), 'overload').bind([arrayType(INTEGER)], fixedContext)([argument]);

describe('table functions', () => {
  const cases: readonly (readonly [TableFunction, SqlValue, readonly SqlValue[]])[] = [
    [explode, [1, null, 3], [1, null, 3]],
    [explode, [], []],
    [explode, null, []],
    [
      cubeExplode,
      [1, 2],
      [
        [null, null],
        [null, 2],
        [1, null],
        [1, 2],
      ],
    ],
    [
      cubeExplode,
      [1, null],
      [
        [null, null],
        [1, null],
      ],
    ],
    [cubeExplode, null, []],
  ];
  it.each(cases)('%j of %j', (table, argument, rows) => {
    expect(rowsOf(table, argument)).toEqual(rows);
  });

  it('refuses a cube of too many rows', () => {
    expect(() => rowsOf(cubeExplode, new Array<number>(17).fill(1))).toThrow(/at most 16/);
  });
});
