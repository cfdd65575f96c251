import type { Output } from '../operator.js';
import type { RawRecord, RecordDecoder } from './record-decoder.js';

export interface SourceOptions {
  readonly decoder: RecordDecoder;
  readonly output: Output;
}

/** Where records enter a topology. */
export class Source {
  constructor(private readonly options: SourceOptions) {}

  push(batch: readonly RawRecord[]): void {
    const records = this.options.decoder.decode(batch);
    if (records.count > 0) this.options.output(records);
  }
}
