import type { FetchedPartition, PartitionOffset } from '../ports/broker.js';
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

interface Queue {
  readonly topic: string;
  readonly partition: number;
  /** What was fetched and not taken, from `next` on. */
  records: FetchedRecords;
  next: number;
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

  constructor(
    positions: readonly PartitionOffset[],
    sources: readonly { readonly topic: string; readonly isTable: boolean }[],
  ) {
    const tables = new Set(sources.filter(({ isTable }) => isTable).map(({ topic }) => topic));
    this.queues = [...positions]
      .sort((a, b) => Number(tables.has(b.topic)) - Number(tables.has(a.topic)))
      .map(({ topic, partition, offset }) => {
        return { topic, partition, records: NOTHING, next: 0, fetchOffset: offset, endOffset: Infinity };
      });
  }

  /** The next offset of each partition that was not taken. */
  get positions(): readonly PartitionOffset[] {
    return this.queues.map(({ topic, partition, records, next, fetchOffset }) => {
      return { topic, partition, offset: records.offsets[next] ?? fetchOffset };
    });
  }

  /** Whether a fetch should ask for more of a partition. */
  readonly wants = (topic: string, partition: number): boolean => {
    const queue = this.find(topic, partition);
    return queue !== undefined && queue.records.length - queue.next <= WAITING_MAX;
  };

  add(parts: readonly FetchedPartition[]): void {
    for (const { topic, partition, records, nextOffset, endOffset } of parts) {
      const queue = this.find(topic, partition);
      if (queue === undefined) continue;
      queue.records = joined(queue.records, queue.next, records);
      queue.next = 0;
      queue.fetchOffset = nextOffset;
      queue.endOffset = endOffset;
    }
  }

  /** Takes all that nothing older can precede. Records of one topic that follow each other come as one run. */
  take(latestMs = Infinity): readonly SourceRun[] {
    const open = this.queues.filter((queue) => !isAtEnd(queue));
    const runs = new RunBuilder();
    while (open.length > 0) {
      let oldest = 0;
      let oldestTime = Infinity;
      // The times up to which the oldest stays that: below that of each earlier queue, at most that of each later one.
      let earlier = Infinity;
      let later = Infinity;
      for (let i = 0; i < open.length; i++) {
        const { records, next } = open[i] as Queue;
        if (next >= records.length) return runs.finish();
        const recordTime = records.parts.timestamps[next] as number;
        const time = recordTime > latestMs ? -Infinity : recordTime;
        if (i === 0 || time < oldestTime) {
          earlier = oldestTime;
          later = Infinity;
          oldest = i;
          oldestTime = time;
        } else if (time < later) later = time;
      }
      const queue = open[oldest] as Queue;
      const { timestamps } = queue.records.parts;
      const { length } = queue.records;
      const from = queue.next;
      let to = from + 1;
      while (to < length && (timestamps[to] as number) < earlier && (timestamps[to] as number) <= later) to++;
      queue.next = to;
      runs.add(queue.topic, queue.records, from, to);
      if (isAtEnd(queue)) open.splice(oldest, 1);
    }
    return runs.finish();
  }

  private find(topic: string, partition: number): Queue | undefined {
    return this.queues.find((queue) => queue.topic === topic && queue.partition === partition);
  }
}

const isAtEnd = (queue: Queue): boolean => queue.next >= queue.records.length && queue.fetchOffset >= queue.endOffset;

const NOTHING = new FetchedRecords();

/** What is left of some records, and others behind it. */
function joined(records: FetchedRecords, next: number, others: FetchedRecords): FetchedRecords {
  if (next >= records.length) return others;
  const both = new FetchedRecords(records.length - next + others.length);
  both.appendRange(records, next, records.length);
  both.appendRange(others, 0, others.length);
  return both;
}

/** Joins what is taken to runs. What one fetch brought and nothing comes between is not copied. */
class RunBuilder {
  readonly #runs: SourceRun[] = [];
  #topic = '';
  #records = NOTHING;
  #from = 0;
  #to = 0;
  #isCopy = false;

  add(topic: string, records: FetchedRecords, from: number, to: number): void {
    if (this.#from === this.#to || topic !== this.#topic) {
      this.#end();
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

  finish(): readonly SourceRun[] {
    this.#end();
    return this.#runs;
  }

  #end(): void {
    if (this.#from === this.#to) return;
    this.#runs.push({ topic: this.#topic, records: this.#records, from: this.#from, to: this.#to });
  }
}
