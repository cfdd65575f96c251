import type { FetchedRecords } from '../../ports/record-columns.js';
import type { Output } from '../operator.js';
import type { RecordDecoder } from './record-decoder.js';
import type { Columns, DecodedBlock, DeclaredDecode } from './shared-decodes.js';

export interface SourceOptions {
  readonly decoder: RecordDecoder;
  /** Where what others read too is decoded; undefined where nothing is shared. */
  readonly shared?: { readonly decode: DeclaredDecode; readonly columns: Columns } | undefined;
  /** The latest event time that is taken now, ms. */
  readonly latestMs?: () => number;
  readonly output: Output;
}

/** Where records enter a topology. */
export class Source {
  constructor(private readonly options: SourceOptions) {}

  push(records: FetchedRecords, from = 0, to = records.length): void {
    const { shared } = this.options;
    if (shared === undefined || !records.isShared) return this.decode(records, from, to);
    const latestMs = this.options.latestMs?.() ?? Infinity;
    for (let at = from; at < to;) {
      const block = shared.decode.blockOf(records, at, shared.columns);
      // Times that are too far ahead now are reported by the decoder of this query alone.
      if (block === undefined || block.newestMs > latestMs) return this.decode(records, at, to);
      const end = Math.min(to, block.start + block.batch.size);
      this.take(records, block, at, end);
      at = end;
    }
  }

  /** Of a block the records from `from` to `to`; those that are not in it are decoded, and reported, in their places. */
  private take(records: FetchedRecords, block: DecodedBlock, from: number, to: number): void {
    let at = from - block.start;
    const end = to - block.start;
    for (const row of block.odd) {
      if (row < at) continue;
      if (row >= end) break;
      this.takeRows(block, at, row);
      this.decode(records, block.start + row, block.start + row + 1);
      at = row + 1;
    }
    this.takeRows(block, at, end);
  }

  private takeRows({ batch }: DecodedBlock, from: number, to: number): void {
    if (from >= to) return;
    if (to - from === batch.size) return this.options.output(batch);
    const rows: number[] = [];
    for (let row = from; row < to; row++) rows.push(row);
    this.options.output(batch.withRows(rows, rows.length));
  }

  private decode(records: FetchedRecords, from: number, to: number): void {
    const batch = this.options.decoder.decode(records, from, to);
    if (batch.count > 0) this.options.output(batch);
  }
}
