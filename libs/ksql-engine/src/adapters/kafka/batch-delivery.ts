import type { RefusedRecord } from '../../ports/broker.js';
import type { FetchedRecords } from '../../ports/record-columns.js';
import { entryOf, type PartitionBatch } from './partitioner.js';
import type { RefusedBatch } from './produce.js';
import { committedRecords } from './record-batch-reader.js';
import { RecordBatchWriter } from './record-batch-writer.js';

/** A part of a batch that is sent as a batch of its own. */
interface Piece {
  readonly records: RecordBatchWriter;
  /** What number each of its records has in the whole; undefined for the whole itself. */
  readonly numbers: readonly number[] | undefined;
}

/**
 * A batch until each of its records is taken or refused. Kafka refuses a batch as a whole, for a record whose time or size it does not
 * take, and appends nothing of it. Where it names the records, the others are sent again as one batch; where it does not, in halves, one
 * after the other, down to the record that is to blame.
 */
export class BatchDelivery {
  #pieces: readonly Piece[];

  constructor(
    readonly batch: PartitionBatch,
    private readonly onRefused: (record: RefusedRecord) => void,
  ) {
    this.#pieces = [{ records: batch.records, numbers: undefined }];
  }

  /** What is to be sent next; undefined when nothing is left. */
  get next(): RecordBatchWriter | undefined {
    return this.#pieces[0]?.records;
  }

  /** What was sent is taken. */
  taken(): void {
    this.#pieces = this.#pieces.slice(1);
  }

  /** What was sent is refused. */
  refused({ error, message, records: named }: RefusedBatch): void {
    const [piece, ...later] = this.#pieces;
    if (piece === undefined) return;
    const { count } = piece.records;
    const records = recordsIn(piece.records);
    const reasons = new Map<number, string | null>();
    for (const { index, message: reason } of named) if (index >= 0 && index < count) reasons.set(index, reason);
    if (reasons.size === 0 && count > 1) {
      const half = count >> 1;
      this.#pieces = [part(piece, records, 0, half), part(piece, records, half, count), ...later];
      return;
    }
    if (reasons.size === 0) reasons.set(0, message);
    for (const [index, reason] of reasons) this.#refuse(piece, records, index, error, reason ?? message);
    const rest = part(piece, records, 0, count, (index) => !reasons.has(index));
    this.#pieces = rest.records.count > 0 ? [rest, ...later] : later;
  }

  #refuse(piece: Piece, records: FetchedRecords, index: number, error: string, message: string | null): void {
    const { topic, partition } = this.batch;
    const { key, value, timestamp, headers } = records.at(index);
    const bytes = (key?.length ?? 0) + (value?.length ?? 0);
    this.onRefused({
      topic,
      partition,
      key,
      value,
      timestamp,
      headers,
      entry: entryOf(this.batch, piece.numbers?.[index] ?? index),
      reason: `${error}${message === null ? '' : `: ${message}`} (key and value of ${bytes} bytes, time ${timestamp})`,
    });
  }
}

/** The records of a finished batch. */
const recordsIn = (batch: RecordBatchWriter): FetchedRecords => committedRecords(batch.finished, [], 0, 0).records;

function part(
  { numbers }: Piece,
  records: FetchedRecords,
  from: number,
  to: number,
  isIn: (index: number) => boolean = () => true,
): Piece {
  const batch = new RecordBatchWriter();
  const kept: number[] = [];
  for (let i = from; i < to; i++) {
    if (!isIn(i)) continue;
    batch.appendAt(records.parts.timestamps[i] as number, records.parts, i);
    kept.push(numbers?.[i] ?? i);
  }
  return { records: batch, numbers: kept };
}
