import type { WindowInfo } from '../../catalog/data-source.js';
import type { Serde } from '../../serde/format.js';
import { encodeWindowedKey } from '../../serde/windowed-key.js';
import type { Operator } from '../operator.js';
import type { ProcessingRecord, RecordHeader } from '../record.js';

/** A record for the sink topic. */
export interface EncodedRecord {
  readonly key: Uint8Array | null;
  readonly value: Uint8Array | null;
  readonly timestamp: number;
  readonly headers: readonly RecordHeader[];
}

export interface TopicSinkOptions {
  readonly keySerde: Serde;
  readonly valueSerde: Serde;
  readonly window: WindowInfo | undefined;
  /** Deletions of a table keep the time of the change. */
  readonly isTable: boolean;
  /** TIMESTAMP of the sink: the time of the record from its row, ms; throws for a row that has none. */
  readonly timestampOf: ((record: ProcessingRecord) => number) | undefined;
  readonly onBadTimestamp: (record: ProcessingRecord, cause: unknown) => void;
  readonly onBadRow: (target: 'key' | 'value', record: ProcessingRecord, cause: unknown) => void;
  readonly output: (records: readonly EncodedRecord[]) => void;
}

/** Rows to bytes. Headers are those of the input that led here. What cannot be written is reported and left out. */
export class TopicSink implements Operator {
  constructor(private readonly options: TopicSinkOptions) {}

  process(batch: readonly ProcessingRecord[]): void {
    const out: EncodedRecord[] = [];
    for (let i = 0; i < batch.length; i++) {
      const encoded = this.encode(batch[i] as ProcessingRecord);
      if (encoded !== undefined) out.push(encoded);
    }
    if (out.length > 0) this.options.output(out);
  }

  private encode(record: ProcessingRecord): EncodedRecord | undefined {
    const { keySerde, valueSerde, window, isTable, timestampOf, onBadTimestamp, onBadRow } = this.options;
    let timestamp = record.timestamp;
    if (timestampOf !== undefined && (record.value !== null || !isTable)) {
      try {
        timestamp = timestampOf(record);
        if (!(timestamp >= 0)) throw new Error(`negative timestamp: ${timestamp}`);
      } catch (cause) {
        onBadTimestamp(record, cause);
        return undefined;
      }
    }
    let target: 'key' | 'value' = 'key';
    try {
      let key = keySerde.serialize(record.key);
      if (window !== undefined) key = encodeWindowedKey(key, record.windowStart, record.windowEnd, window);
      target = 'value';
      return { key, value: valueSerde.serialize(record.value), timestamp, headers: record.headers };
    } catch (cause) {
      onBadRow(target, record, cause);
      return undefined;
    }
  }
}
