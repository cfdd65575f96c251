import type { FetchedRecords } from '../../ports/record-columns.js';
import type { Output } from '../operator.js';
import type { RecordDecoder } from './record-decoder.js';

export interface SourceOptions {
  readonly decoder: RecordDecoder;
  readonly output: Output;
}

/** Where records enter a topology. */
export class Source {
  constructor(private readonly options: SourceOptions) {}

  push(records: FetchedRecords, from = 0, to = records.length): void {
    const batch = this.options.decoder.decode(records, from, to);
    if (batch.count > 0) this.options.output(batch);
  }
}
