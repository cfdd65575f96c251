import type { Row } from '../../types/sql-value.js';
import type { Operator } from '../operator.js';
import type { ProcessingRecord } from '../record.js';

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

  process(batch: readonly ProcessingRecord[]): void {
    const { isTable, output } = this.options;
    const rows: EmittedRow[] = [];
    for (let i = 0; i < batch.length; i++) {
      const { key, value, timestamp, windowStart, windowEnd } = batch[i] as ProcessingRecord;
      if (value === null && !isTable) continue;
      rows.push({ key, value, timestamp, windowStart, windowEnd, tombstone: value === null });
    }
    if (rows.length > 0) output(rows);
  }
}
