import type { WindowInfo } from '../../catalog/data-source.js';
import { RecordColumns } from '../../ports/record-columns.js';
import { ByteWriter } from '../../serde/byte-writer.js';
import type { Serde } from '../../serde/format.js';
import { writeWindow } from '../../serde/windowed-key.js';
import type { Operator } from '../operator.js';
import type { RecordBatch, RecordHeader } from '../record-batch.js';

export interface TopicSinkOptions {
  readonly keySerde: Serde;
  readonly valueSerde: Serde;
  readonly window: WindowInfo | undefined;
  /** Deletions of a table keep the time of the change. */
  readonly isTable: boolean;
  /** TIMESTAMP of the sink: the time of a record from its row, ms; throws for a row that has none. */
  readonly timestampOf: ((batch: RecordBatch, at: number) => number) | undefined;
  readonly onBadTimestamp: (batch: RecordBatch, at: number, cause: unknown) => void;
  readonly onBadRow: (target: 'key' | 'value', batch: RecordBatch, at: number, cause: unknown) => void;
  readonly output: (records: RecordColumns) => void;
}

/** Rows to bytes. Headers are those of the input that led here. What cannot be written is reported and left out. */
export class TopicSink implements Operator {
  private readonly writer = new ByteWriter();

  constructor(private readonly options: TopicSinkOptions) {}

  process(batch: RecordBatch): void {
    const out = new RecordColumns(batch.count);
    for (let n = 0; n < batch.count; n++) this.encode(batch, batch.rows[n] as number, out);
    if (out.length > 0) this.options.output(out);
  }

  private encode(batch: RecordBatch, at: number, out: RecordColumns): void {
    const { keySerde, valueSerde, window, isTable, timestampOf, onBadTimestamp, onBadRow } = this.options;
    const { writer } = this;
    const hasValue = batch.hasValue(at);
    let timestamp = batch.timestamps[at] as number;
    if (timestampOf !== undefined && (hasValue || !isTable)) {
      try {
        timestamp = timestampOf(batch, at);
        if (!(timestamp >= 0)) throw new Error(`negative timestamp: ${timestamp}`);
      } catch (cause) {
        onBadTimestamp(batch, at, cause);
        return;
      }
    }
    let target: 'key' | 'value' = 'key';
    try {
      writer.begin();
      let isThere = batch.hasKey(at) && keySerde.encode(batch.keys, at, writer);
      if (window !== undefined) {
        writeWindow(writer, batch.windowStarts[at] as number, batch.windowEnds[at] as number, window);
        isThere = true;
      }
      const keyBytes = writer.written;
      target = 'value';
      const hasBytes = hasValue && valueSerde.encode(batch.values, at, writer);
      const bytes = writer.written;
      const start = writer.keep();
      out.append(
        writer.buffer,
        isThere ? start : -1,
        start + keyBytes,
        hasBytes ? start + keyBytes : -1,
        start + bytes,
        timestamp,
        batch.headers[at] as readonly RecordHeader[],
      );
    } catch (cause) {
      onBadRow(target, batch, at, cause);
    }
  }
}
