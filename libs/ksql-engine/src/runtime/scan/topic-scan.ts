import type { BrokerReader, FetchedPartition, PartitionOffset } from '../../ports/broker.js';
import { FetchedRecords } from '../../ports/record-columns.js';
import type { Scheduler } from '../../ports/scheduler.js';
import { PartitionChunks, type ChunkCache } from './chunk-cache.js';
import { ScanLane, type Waiter } from './scan-lane.js';

/** A lane beside the first that nobody needs for so long is closed, ms. */
const LANE_IDLE_MS = 5_000;

export interface TopicScanOptions {
  readonly topic: string;
  readonly chunks: ChunkCache;
  readonly scheduler: Scheduler;
  /** Opens a reader of this topic and of no other that was made in its place. */
  open(positions: readonly PartitionOffset[]): Promise<BrokerReader>;
}

/** What is read of one topic, for all of its readers. */
export class TopicScan {
  readonly #partitions = new Map<number, PartitionChunks>();
  /** The newest that is known of the end of each partition. */
  readonly #ends = new Map<number, Pick<FetchedPartition, 'endOffset' | 'highWatermark'>>();
  #lanes: readonly ScanLane[] = [];
  /** Ends the wait for the end of an idle lane. */
  readonly #idleTimers = new Map<ScanLane, () => void>();
  #readers = 0;

  constructor(private readonly options: TopicScanOptions) {}

  attach(): void {
    this.#readers++;
  }

  get isUnused(): boolean {
    return this.#readers === 0;
  }

  /** Settles when what the last reader leaves is closed. */
  async detach(): Promise<void> {
    if (--this.#readers > 0) return;
    const lanes = this.#lanes;
    for (const lane of lanes) this.#remove(lane);
    for (const chunks of this.#partitions.values()) chunks.clear();
    await Promise.all(lanes.map((lane) => lane.close()));
  }

  /** What is kept of a partition from an offset on. */
  kept(partition: number, offset: number): FetchedPartition | undefined {
    const chunk = this.#partitions.get(partition)?.find(offset);
    if (chunk === undefined) return undefined;
    return this.#withEnd(chunk.start === offset ? chunk.part : tailOf(chunk.part, offset));
  }

  /**
   * Has a waiter told of what is at its offset.
   * @returns what it can be told at once: that it is at the end
   */
  ask(waiter: Waiter, positions: readonly PartitionOffset[]): FetchedPartition | undefined {
    const { topic } = this.options;
    const { partition, offset } = waiter;
    const lane = this.#laneFor(waiter) ?? this.#newLane(positions);
    if (!lane.standsAt(partition, offset)) lane.moveTo({ topic, partition, offset });
    const end = lane.wait(waiter);
    if (end === undefined) return undefined;
    const { endOffset, highWatermark } = end;
    return { topic, partition, records: NO_RECORDS, bytes: 0, nextOffset: offset, endOffset, highWatermark };
  }

  /**
   * A lane that stands where the waiter does; else one that nobody uses, as requests for others would hold back one that is far behind. At
   * the end all meet in the first lane, or each would ask for a part of the partitions all the time.
   */
  #laneFor({ partition, offset }: Waiter): ScanLane | undefined {
    const [first] = this.#lanes;
    const isAtEnd = offset >= (this.#ends.get(partition)?.endOffset ?? Infinity);
    if (isAtEnd && (first?.standsAt(partition, offset) || first?.isFree(partition))) return first;
    return (
      this.#lanes.find((lane) => lane.standsAt(partition, offset)) ??
      this.#lanes.find((lane) => lane.isIdle && lane.isFree(partition))
    );
  }

  #newLane(positions: readonly PartitionOffset[]): ScanLane {
    const { topic, scheduler } = this.options;
    const closeIdle = (): void => {
      this.#idleTimers.delete(lane);
      if (!lane.isIdle || lane === this.#lanes[0]) return;
      this.#remove(lane);
      void lane.close();
    };
    const lane: ScanLane = new ScanLane({
      positions: positions.filter((position) => position.topic === topic),
      open: (from) => this.options.open(from),
      onFetched: (start, part) => this.#fetched(start, part),
      onOutOfRange: (partition) => this.#partitions.get(partition)?.clear(),
      onIdle: () => {
        if (lane === this.#lanes[0] || this.#idleTimers.has(lane)) return;
        this.#idleTimers.set(lane, scheduler.after(LANE_IDLE_MS, closeIdle));
      },
      onFailed: () => this.#remove(lane),
    });
    this.#lanes = [...this.#lanes, lane];
    return lane;
  }

  #remove(lane: ScanLane): void {
    this.#lanes = this.#lanes.filter((each) => each !== lane);
    this.#idleTimers.get(lane)?.();
    this.#idleTimers.delete(lane);
  }

  #fetched(start: number, part: FetchedPartition): void {
    const { partition, nextOffset, endOffset, highWatermark } = part;
    this.#ends.set(partition, { endOffset, highWatermark });
    // What only one reader reads is of no use to others.
    if (this.#readers < 2 || nextOffset === start) return;
    part.records.isShared = true;
    let chunks = this.#partitions.get(partition);
    if (chunks === undefined) this.#partitions.set(partition, (chunks = new PartitionChunks(this.options.chunks)));
    chunks.add({ start, part });
  }

  /** An end that a chunk came with may have moved since. */
  #withEnd(part: FetchedPartition): FetchedPartition {
    const end = this.#ends.get(part.partition);
    return end === undefined || end.endOffset <= part.endOffset ? part : { ...part, ...end };
  }
}

const NO_RECORDS = new FetchedRecords();

/** The part of it from an offset on. */
function tailOf(part: FetchedPartition, offset: number): FetchedPartition {
  const { records, bytes } = part;
  let from = 0;
  while (from < records.length && (records.offsets[from] as number) < offset) from++;
  const tail = new FetchedRecords(records.length - from);
  tail.appendRange(records, from, records.length);
  return { ...part, records: tail, bytes: records.length === 0 ? bytes : (bytes * tail.length) / records.length };
}
