import type { Row } from '../../types/sql-value.js';
import type { Operator } from '../operator.js';
import type { RecordBatch } from '../record-batch.js';

/** A result row of a push query. */
export interface EmittedRow {
  readonly key: Row | null;
  readonly value: Row | null;
  readonly timestamp: number;
  readonly windowStart: number;
  readonly windowEnd: number;
  /** A deletion of a table's row. */
  readonly tombstone: boolean;
}

export interface RowSinkOptions {
  readonly isTable: boolean;
  readonly output: (rows: readonly EmittedRow[]) => void;
}

/** Hands rows to whoever asked a push query. A stream's record without a value is no row. */
export class RowSink implements Operator {
  constructor(private readonly options: RowSinkOptions) {}

  process(batch: RecordBatch): void {
    const { isTable, output } = this.options;
    const rows: EmittedRow[] = [];
    for (let n = 0; n < batch.count; n++) {
      const at = batch.rows[n] as number;
      const value = batch.valueAt(at);
      if (value === null && !isTable) continue;
      rows.push({
        key: batch.keyAt(at),
        value,
        timestamp: batch.timestamps[at] as number,
        windowStart: batch.windowStarts[at] as number,
        windowEnd: batch.windowEnds[at] as number,
        tombstone: value === null,
      });
    }
    if (rows.length > 0) output(rows);
  }
}
