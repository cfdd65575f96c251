import type { Output } from '../operator.js';
import type { ProcessingRecord } from '../record.js';
import type { SkipLog } from '../skip-log.js';
import type { RawRecord, RecordDecoder } from './record-decoder.js';

export interface SourceOptions {
  readonly decoder: RecordDecoder;
  /** A table's records need a key; those without are left out. */
  readonly isTable: boolean;
  readonly log: SkipLog;
  readonly output: Output;
}

/** Where records enter a topology. */
export class Source {
  constructor(private readonly options: SourceOptions) {}

  push(batch: readonly RawRecord[]): void {
    const { decoder, isTable, output } = this.options;
    const decoded = decoder.decode(batch);
    const records = isTable ? decoded.filter((record) => this.hasKey(record)) : decoded;
    if (records.length > 0) output(records);
  }

  private hasKey(record: ProcessingRecord): boolean {
    if (record.key !== null) return true;
    this.options.log('Skipping record due to null key of a table', record);
    return false;
  }
}
