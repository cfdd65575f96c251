import { FetchedRecords, type RecordParts } from '../../ports/record-columns.js';
import type { TopicPartition } from '../../ports/broker.js';

/** What a transaction became, or that it is not decided; batches outside transactions are committed. */
export type Outcome = 'open' | 'committed' | 'aborted';

interface Batch {
  readonly firstOffset: number;
  readonly endOffset: number;
  /** None in a marker. */
  readonly records: readonly RecordParts[];
  readonly producerId: number | undefined;
  readonly bytes: number;
  readonly newestMs: number;
  outcome: Outcome;
  isCorrupt?: boolean;
}

export interface LogRead {
  readonly records: FetchedRecords;
  /** Past markers and aborted records too. */
  readonly nextOffset: number;
  readonly bytes: number;
  /** The offset after a batch that cannot be read and that `nextOffset` is in. */
  readonly corruptUntil: number | undefined;
}

const MARKER_BYTES = 78;
const BATCH_BYTES = 61;

/**
 * The log of one partition. A transaction ends in it with a marker, which takes an offset; what lies behind the first record of an open
 * transaction (the last stable offset) is not shown, whoever wrote it.
 */
export class PartitionLog implements TopicPartition {
  #batches: Batch[] = [];
  #start = 0;
  #end = 0;
  /** The first offset of the open transaction of each producer. */
  readonly #open = new Map<number, number>();

  constructor(
    readonly topic: string,
    readonly partition: number,
    /** The node that leads it. */
    public leader: number,
    /** Counts the leaders. */
    public leaderEpoch = 0,
  ) {}

  get start(): number {
    return this.#start;
  }
  /** The offset after the last record, decided or not. */
  get end(): number {
    return this.#end;
  }
  get stableEnd(): number {
    return Math.min(this.#end, ...this.#open.values());
  }

  /** All of them or none. Gives the offset of the first. */
  append(records: readonly RecordParts[], producerId: number | undefined): number {
    const firstOffset = this.#end;
    this.#end += records.length;
    if (producerId !== undefined && !this.#open.has(producerId)) this.#open.set(producerId, firstOffset);
    this.#batches.push({
      firstOffset,
      endOffset: this.#end,
      records: records.map(copied),
      producerId,
      bytes: records.reduce((sum, { key, value }) => sum + (key?.length ?? 0) + (value?.length ?? 0), BATCH_BYTES),
      newestMs: records.reduce((newest, { timestamp }) => Math.max(newest, timestamp), -1),
      outcome: producerId === undefined ? 'committed' : 'open',
    });
    return firstOffset;
  }

  /** Ends the transaction of a producer in this partition. */
  mark(producerId: number, outcome: Exclude<Outcome, 'open'>, nowMs: number): void {
    for (const batch of this.#batches) {
      if (batch.producerId === producerId && batch.outcome === 'open') batch.outcome = outcome;
    }
    this.#open.delete(producerId);
    const firstOffset = this.#end++;
    const facts = { producerId, outcome, records: [], bytes: MARKER_BYTES, newestMs: nowMs };
    this.#batches.push({ firstOffset, endOffset: this.#end, ...facts });
  }

  /** Committed records from an offset on, in whole batches: the first that has any, and more while they fit. */
  read(fromOffset: number, bytesMax: number): LogRead {
    const records = new FetchedRecords();
    const { stableEnd } = this;
    let nextOffset = fromOffset;
    let bytes = 0;
    let corruptUntil: number | undefined;
    for (const batch of this.#batches) {
      if (batch.endOffset <= fromOffset) continue;
      if (batch.firstOffset >= stableEnd || (bytes > 0 && bytes + batch.bytes > bytesMax)) break;
      if (batch.isCorrupt) {
        corruptUntil = batch.endOffset;
        break;
      }
      bytes += batch.bytes;
      nextOffset = batch.endOffset;
      if (batch.outcome !== 'committed') continue;
      batch.records.forEach((record, index) => {
        const offset = batch.firstOffset + index;
        if (offset < Math.max(fromOffset, this.#start)) return;
        records.parts.add(record);
        records.place(this.partition, offset);
      });
    }
    return { records, nextOffset, bytes, corruptUntil };
  }

  /** Spoils the batch that holds an offset. */
  corrupt(offset: number): void {
    const batch = this.#batches.find(({ firstOffset, endOffset }) => offset >= firstOffset && offset < endOffset);
    if (batch) batch.isCorrupt = true;
  }

  /** Moves the start up to an offset. Says how many offsets went. */
  deleteBefore(offset: number): number {
    const before = this.#start;
    this.#start = Math.max(before, Math.min(offset, this.#end));
    this.#batches = this.#batches.filter(({ endOffset }) => endOffset > this.#start);
    return this.#start - before;
  }

  /** Deletes batches from the start on whose records are all older. Says how many offsets went. */
  deleteOlderThan(timeMs: number): number {
    let offset = this.#start;
    for (const { newestMs, outcome, endOffset } of this.#batches) {
      if (outcome === 'open' || newestMs >= timeMs) break;
      offset = endOffset;
    }
    return this.deleteBefore(offset);
  }
}

/** Nobody else has the bytes. */
const copied = ({ key, value, timestamp, headers }: RecordParts): RecordParts => ({
  key: key && Buffer.from(key),
  value: value && Buffer.from(value),
  timestamp,
  headers: headers.map((header) => ({ key: header.key, value: header.value && Buffer.from(header.value) })),
});
