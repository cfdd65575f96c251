import type { Row, SqlValue } from '../../types/sql-value.js';

/** The left's columns, then the right's; a side that is missing is all null. */
export class RowJoiner {
  private readonly noLeft: Row;
  private readonly noRight: Row;

  constructor(leftCount: number, rightCount: number) {
    this.noLeft = new Array<SqlValue>(leftCount).fill(null);
    this.noRight = new Array<SqlValue>(rightCount).fill(null);
  }

  /** Columns of a joined row. */
  get width(): number {
    return this.noLeft.length + this.noRight.length;
  }

  join(left: Row | null, right: Row | null): Row {
    return (left ?? this.noLeft).concat(right ?? this.noRight);
  }
}
