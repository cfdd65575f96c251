import { INPUT_BYTES_MAX, type FetchedPartition, type PartitionOffset } from '../ports/broker.js';
import { FetchedRecords } from '../ports/record-columns.js';

/** A run of records of one topic, ready to be pushed: those from number `from` to `to`. */
export interface SourceRun {
  readonly topic: string;
  readonly records: FetchedRecords;
  readonly from: number;
  readonly to: number;
}

/** A partition with more records waiting than this is not fetched from until they were taken. */
const WAITING_MAX = 10_000;

/** A run is no longer than is worth a push, and taken in no longer than others of the process may wait. */
const RUN_MAX = 2_000;
/** What is so long is worth a run of its own: copying it behind another costs more. */
const UNCOPIED_MIN = 256;

interface Queue {
  readonly topic: string;
  readonly partition: number;
  /** What was fetched and not taken, from `next` on. */
  records: FetchedRecords;
  next: number;
  /** What all of the records keep in memory, those that were taken too. */
  bytes: number;
  /** Where the next fetch begins. */
  fetchOffset: number;
  /** The end of what is committed, as the last fetch saw it; unknown before the first. */
  endOffset: number;
}

/**
 * What the partitions of a query bring, in the order of time, as Kafka Streams takes it: the partition whose next record is oldest goes
 * first, inside a partition the order stays, and of records with the same time those of tables go first.
 *
 * A record is held back while another partition may still bring an older one: while that one has nothing waiting here but its end was not
 * reached. So a stream's records meet the table's rows that are as old as themselves, however the fetches come in.
 *
 * A record whose time lies beyond the latest that is taken is about to be set aside: it goes at once, or what is behind it in its
 * partition would wait for all others and come late.
 */
export class TimeOrderedInput {
  private readonly queues: readonly Queue[];
  /** A partition that has more waiting is not fetched from; what it brings then fits into the other half of its share. */
  private readonly waitingBytesMax: number;

  /** `bytesMax`: what may wait here, of all partitions together. The reader is opened with the same. */
  constructor(
    positions: readonly PartitionOffset[],
    sources: readonly { readonly topic: string; readonly isTable: boolean }[],
    bytesMax = INPUT_BYTES_MAX,
  ) {
    this.waitingBytesMax = bytesMax / Math.max(1, positions.length) / 2;
    const tables = new Set(sources.filter(({ isTable }) => isTable).map(({ topic }) => topic));
    this.queues = [...positions]
      .sort((a, b) => Number(tables.has(b.topic)) - Number(tables.has(a.topic)))
      .map(({ topic, partition, offset }) => {
        return { topic, partition, records: NOTHING, next: 0, bytes: 0, fetchOffset: offset, endOffset: Infinity };
      });
  }

  /** The next offset of each partition that was not taken. */
  get positions(): readonly PartitionOffset[] {
    return this.queues.map(({ topic, partition, records, next, fetchOffset }) => {
      return { topic, partition, offset: next < records.length ? (records.offsets[next] as number) : fetchOffset };
    });
  }

  /** The positions, each with the offset behind the last record as the newest fetch saw it; undefined before the first. */
  get places(): readonly (PartitionOffset & { readonly endOffset: number | undefined })[] {
    return this.positions.map((position, at) => {
      const { endOffset } = this.queues[at] as Queue;
      return { ...position, endOffset: endOffset === Infinity ? undefined : endOffset };
    });
  }

  /** Whether a fetch should ask for more of a partition. */
  readonly wants = (topic: string, partition: number): boolean => {
    const queue = this.find(topic, partition);
    if (queue === undefined) return false;
    const waiting = queue.records.length - queue.next;
    return waiting === 0 || (waiting <= WAITING_MAX && waitingBytes(queue) <= this.waitingBytesMax);
  };

  /** The oldest time that waits here, ms; one beyond the latest that is taken counts as older than any, as it is taken first. */
  oldestMs(latestMs: number): number {
    let oldest = Infinity;
    for (const { records, next } of this.queues) {
      if (next >= records.length) continue;
      const time = records.parts.timestamps[next] as number;
      oldest = Math.min(oldest, time > latestMs ? -Infinity : time);
    }
    return oldest;
  }

  /** What waits here, bytes. */
  get bytes(): number {
    return this.queues.reduce((sum, queue) => sum + waitingBytes(queue), 0);
  }

  add(parts: readonly FetchedPartition[]): void {
    for (const { topic, partition, records, bytes, nextOffset, endOffset } of parts) {
      const queue = this.find(topic, partition);
      if (queue === undefined) continue;
      queue.bytes = waitingBytes(queue) + bytes;
      queue.records = joined(queue.records, queue.next, records);
      queue.next = 0;
      queue.fetchOffset = nextOffset;
      queue.endOffset = endOffset;
    }
  }

  /** What lies between what was fetched and an offset does not come. */
  skip(topic: string, partition: number, nextOffset: number): void {
    const queue = this.find(topic, partition);
    if (queue !== undefined) queue.fetchOffset = nextOffset;
  }

  /**
   * Takes all that nothing older can precede, run by run: `positions` are behind what was handed out, so that it may be committed before
   * the next run is taken. Nothing may be added meanwhile. `recordsMax`: how many records the next run may have.
   */
  *take(latestMs = Infinity, recordsMax: () => number = () => RUN_MAX): Generator<SourceRun> {
    const open = this.queues.filter((queue) => !isAtEnd(queue));
    const run = new RunBuilder();
    let runMax = Math.min(RUN_MAX, recordsMax());
    while (open.length > 0) {
      let oldest = 0;
      let oldestTime = Infinity;
      // The times up to which the oldest stays that: below that of each earlier queue, at most that of each later one.
      let earlier = Infinity;
      let later = Infinity;
      let isWaiting = false;
      for (let i = 0; i < open.length; i++) {
        const { records, next } = open[i] as Queue;
        if (next >= records.length) {
          isWaiting = true;
          break;
        }
        const recordTime = records.parts.timestamps[next] as number;
        const time = recordTime > latestMs ? -Infinity : recordTime;
        if (i === 0 || time < oldestTime) {
          earlier = oldestTime;
          later = Infinity;
          oldest = i;
          oldestTime = time;
        } else if (time < later) later = time;
      }
      if (isWaiting) break;
      const queue = open[oldest] as Queue;
      const { timestamps } = queue.records.parts;
      const from = queue.next;
      const end = Math.min(queue.records.length, from + runMax);
      let to = from + 1;
      while (to < end && (timestamps[to] as number) < earlier && (timestamps[to] as number) <= later) to++;
      if (!run.joins(queue.topic, queue.records, from, to, runMax)) {
        yield run.take();
        runMax = Math.min(RUN_MAX, recordsMax());
        // It was measured by what the run before has changed.
        to = Math.min(to, from + runMax);
      }
      queue.next = to;
      run.add(queue.topic, queue.records, from, to);
      if (isAtEnd(queue)) open.splice(oldest, 1);
    }
    if (run.length > 0) yield run.take();
  }

  private find(topic: string, partition: number): Queue | undefined {
    return this.queues.find((queue) => queue.topic === topic && queue.partition === partition);
  }
}

const isAtEnd = (queue: Queue): boolean => queue.next >= queue.records.length && queue.fetchOffset >= queue.endOffset;

/** As if each of its records had its share. */
const waitingBytes = ({ records: { length }, next, bytes }: Queue): number =>
  next >= length ? 0 : (bytes * (length - next)) / length;

const NOTHING = new FetchedRecords();

/** What is left of some records, and others behind it. */
function joined(records: FetchedRecords, next: number, others: FetchedRecords): FetchedRecords {
  if (next >= records.length) return others;
  const both = new FetchedRecords(records.length - next + others.length);
  both.appendRange(records, next, records.length);
  both.appendRange(others, 0, others.length);
  return both;
}

/** Joins what is taken to a run. What one fetch brought and nothing comes between is not copied, nor is what is long enough by itself. */
class RunBuilder {
  #topic = '';
  #records = NOTHING;
  #from = 0;
  #to = 0;
  #isCopy = false;

  get length(): number {
    return this.#to - this.#from;
  }

  /** Whether so many records go on in the run; else it is to be taken first. */
  joins(topic: string, records: FetchedRecords, from: number, to: number, lengthMax: number): boolean {
    const { length } = this;
    if (length === 0) return true;
    if (topic !== this.#topic || length + to - from > lengthMax) return false;
    if (records === this.#records && from === this.#to) return true;
    return to - from < UNCOPIED_MIN && (this.#isCopy || length < UNCOPIED_MIN);
  }

  add(topic: string, records: FetchedRecords, from: number, to: number): void {
    if (this.length === 0) {
      this.#topic = topic;
      this.#records = records;
      this.#from = from;
      this.#to = to;
      this.#isCopy = false;
      return;
    }
    if (records === this.#records && from === this.#to) {
      this.#to = to;
      return;
    }
    if (!this.#isCopy) {
      const copy = new FetchedRecords();
      copy.appendRange(this.#records, this.#from, this.#to);
      this.#records = copy;
      this.#from = 0;
      this.#isCopy = true;
    }
    this.#records.appendRange(records, from, to);
    this.#to = this.#records.length;
  }

  take(): SourceRun {
    const run = { topic: this.#topic, records: this.#records, from: this.#from, to: this.#to };
    this.#records = NOTHING;
    this.#from = this.#to = 0;
    return run;
  }
}
