import type { FetchedPartition, PartitionOffset } from '../ports/broker.js';
import type { SourceRecord } from '../topology/topology.js';

/** A run of records of one topic, ready to be pushed. */
export interface SourceRun {
  readonly topic: string;
  readonly records: readonly SourceRecord[];
}

/** A partition with more records waiting than this is not fetched from until they were taken. */
const WAITING_MAX = 10_000;

interface Queue {
  readonly topic: string;
  readonly partition: number;
  /** What was fetched and not taken, from `next` on. */
  records: readonly SourceRecord[];
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
        return { topic, partition, records: [], next: 0, fetchOffset: offset, endOffset: Infinity };
      });
  }

  /** The next offset of each partition that was not taken. */
  get positions(): readonly PartitionOffset[] {
    return this.queues.map(({ topic, partition, records, next, fetchOffset }) => {
      return { topic, partition, offset: records[next]?.offset ?? fetchOffset };
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
      const waiting = queue.next < queue.records.length ? queue.records.slice(queue.next) : [];
      queue.records = waiting.length === 0 ? records : waiting.concat(records);
      queue.next = 0;
      queue.fetchOffset = nextOffset;
      queue.endOffset = endOffset;
    }
  }

  /** Takes all that nothing older can precede. Records of one topic that follow each other come as one run. */
  take(): readonly SourceRun[] {
    const open = this.queues.filter((queue) => !isAtEnd(queue));
    const runs: { topic: string; records: SourceRecord[] }[] = [];
    let run: { topic: string; records: SourceRecord[] } | undefined;
    while (open.length > 0) {
      let oldest: Queue | undefined;
      let oldestTime = Infinity;
      for (let i = 0; i < open.length; i++) {
        const queue = open[i] as Queue;
        const head = queue.records[queue.next];
        if (head === undefined) return runs;
        if (oldest === undefined || head.timestamp < oldestTime) {
          oldest = queue;
          oldestTime = head.timestamp;
        }
      }
      if (oldest === undefined) return runs;
      if (run === undefined || run.topic !== oldest.topic) runs.push((run = { topic: oldest.topic, records: [] }));
      run.records.push(oldest.records[oldest.next++] as SourceRecord);
      if (isAtEnd(oldest)) open.splice(open.indexOf(oldest), 1);
    }
    return runs;
  }

  private find(topic: string, partition: number): Queue | undefined {
    return this.queues.find((queue) => queue.topic === topic && queue.partition === partition);
  }
}

const isAtEnd = (queue: Queue): boolean => queue.next >= queue.records.length && queue.fetchOffset >= queue.endOffset;
