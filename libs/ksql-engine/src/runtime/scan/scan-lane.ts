import {
  CorruptRecordsError,
  OffsetOutOfRangeError,
  type BrokerReader,
  type FetchedPartition,
  type PartitionOffset,
} from '../../ports/broker.js';

/** A request that nothing ends waits so long, ms. */
const WAIT_MS = 5_000;
/** What was told of an end counts so long, ms; then it is asked for anew, and nobody waits for the answer longer than the second. */
const END_KNOWN_MS = 500;
const END_ASKED_MS = 50;

/** Who waits for what is at an offset. */
export interface Waiter {
  readonly partition: number;
  readonly offset: number;
  /** The lane that it waits for; undefined when it does not. */
  lane: ScanLane | undefined;
  /** What begins at its offset. */
  arrived(part: FetchedPartition): void;
  failed(error: unknown): void;
}

interface Place {
  readonly partition: number;
  /** Where the next fetch begins. */
  offset: number;
  readonly waiters: Set<Waiter>;
  /** Whether a request for it is under way, or about to be. */
  isAsked: boolean;
  /** Whether that request waits for more than what there is: the end that was told last is the end now. */
  isAtEnd: boolean;
  /** By `performance.now()`. */
  answeredMs: number;
  /** As the last answer has it. */
  endOffset: number;
  highWatermark: number;
}

export interface ScanLaneOptions {
  /** The partitions of one topic that it reads, and where it begins. */
  readonly positions: readonly PartitionOffset[];
  open(positions: readonly PartitionOffset[]): Promise<BrokerReader>;
  /** Told before those who wait. */
  onFetched(start: number, part: FetchedPartition): void;
  /** An offset does not exist. */
  onOutOfRange(partition: number): void;
  /** Nobody waits any more. */
  onIdle(): void;
  /** It is of no more use. */
  onFailed(): void;
}

/** One reader of a topic for all who stand where it stands: it asks for a partition as long as somebody waits for it. */
export class ScanLane {
  readonly #places: ReadonlyMap<number, Place>;
  #reader: BrokerReader | undefined;
  #isRunning = false;
  #isClosed = false;
  /** Whether the reader waits for an answer. */
  #isPolling = false;

  constructor(private readonly options: ScanLaneOptions) {
    this.#places = new Map(
      options.positions.map(({ partition, offset }) => {
        const known = { answeredMs: -Infinity, endOffset: Infinity, highWatermark: Infinity };
        return [partition, { partition, offset, waiters: new Set(), isAsked: false, isAtEnd: false, ...known }];
      }),
    );
  }

  get isIdle(): boolean {
    return !this.#isRunning;
  }

  /** Whether it stands at an offset of a partition. */
  standsAt(partition: number, offset: number): boolean {
    return this.#places.get(partition)?.offset === offset;
  }

  /** Whether a partition may be moved: nobody waits there, and no request for it is under way. */
  isFree(partition: number): boolean {
    const place = this.#places.get(partition);
    return place !== undefined && place.waiters.size === 0 && !place.isAsked;
  }

  moveTo(position: PartitionOffset): void {
    const place = this.#places.get(position.partition) as Place;
    place.offset = position.offset;
    place.answeredMs = -Infinity;
    this.#reader?.moveTo(position);
  }

  /** @returns the end of the partition where that is known and the waiter is there: it need not wait to be told of it */
  wait(waiter: Waiter): Pick<FetchedPartition, 'endOffset' | 'highWatermark'> | undefined {
    const place = this.#places.get(waiter.partition) as Place;
    place.waiters.add(waiter);
    waiter.lane = this;
    if (!this.#isRunning) void this.#run();
    else if (!place.isAsked && this.#isPolling) this.#reader?.interrupt();
    return place.isAsked && place.isAtEnd ? place : undefined;
  }

  leave(waiter: Waiter): void {
    this.#places.get(waiter.partition)?.waiters.delete(waiter);
    waiter.lane = undefined;
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    this.#reader?.interrupt();
    await this.#reader?.close().catch(() => undefined);
  }

  async #run(): Promise<void> {
    this.#isRunning = true;
    try {
      this.#reader ??= await this.#open();
      if (this.#isClosed) return await this.close();
      // Those who ask in the same turn are in the same request.
      await Promise.resolve();
      for (let wanted = this.#wanted(); wanted.size > 0 && !this.#isClosed; wanted = this.#wanted())
        await this.#poll(this.#reader, wanted);
    } catch (error) {
      if (!this.#isClosed) this.#fail(error);
    } finally {
      this.#isRunning = false;
    }
    if (!this.#isClosed) this.options.onIdle();
  }

  async #open(): Promise<BrokerReader> {
    const positions = this.options.positions.map((each) => this.#now(each));
    const reader = await this.options.open(positions);
    // Who came meanwhile may have moved it.
    for (const { topic, partition, offset } of positions) {
      const now = this.#now({ topic, partition, offset });
      if (now.offset !== offset) reader.moveTo(now);
    }
    return reader;
  }

  #now({ topic, partition }: PartitionOffset): PartitionOffset {
    return { topic, partition, offset: (this.#places.get(partition) as Place).offset };
  }

  #wanted(): ReadonlySet<number> {
    const wanted = new Set<number>();
    for (const { partition, waiters } of this.#places.values()) if (waiters.size > 0) wanted.add(partition);
    return wanted;
  }

  async #poll(reader: BrokerReader, wanted: ReadonlySet<number>): Promise<void> {
    let waitMs = WAIT_MS;
    const nowMs = performance.now();
    for (const partition of wanted) {
      const place = this.#places.get(partition) as Place;
      if (!place.isAsked && nowMs - place.answeredMs > END_KNOWN_MS) waitMs = END_ASKED_MS;
    }
    for (const partition of wanted) {
      const place = this.#places.get(partition) as Place;
      if (!place.isAsked) place.isAtEnd = waitMs === WAIT_MS && place.offset >= place.endOffset;
      place.isAsked = true;
    }
    this.#isPolling = true;
    try {
      const parts = await reader.poll(waitMs, (_, partition) => wanted.has(partition));
      for (const part of parts) this.#take(part);
    } catch (error) {
      const isOutOfRange = error instanceof OffsetOutOfRangeError;
      if (!isOutOfRange && !(error instanceof CorruptRecordsError)) throw error;
      for (const place of this.#places.values()) place.isAsked = false;
      if (isOutOfRange) this.options.onOutOfRange(error.partition);
      const place = this.#places.get(error.partition);
      // Of an offset that nobody waits for any more nobody is told.
      if (place?.offset !== error.offset) return;
      this.#tell(place, (waiter) => waiter.failed(error));
      // There those go on who skip what cannot be read.
      if (!isOutOfRange && error.nextOffset !== undefined)
        this.moveTo({ topic: error.topic, partition: error.partition, offset: error.nextOffset });
    } finally {
      this.#isPolling = false;
    }
  }

  #take(part: FetchedPartition): void {
    const place = this.#places.get(part.partition);
    if (place === undefined) return;
    const start = place.offset;
    place.offset = part.nextOffset;
    place.isAsked = false;
    place.answeredMs = performance.now();
    place.endOffset = part.endOffset;
    place.highWatermark = part.highWatermark;
    this.options.onFetched(start, part);
    this.#tell(place, (waiter) => waiter.arrived(part));
  }

  #tell(place: Place, tell: (waiter: Waiter) => void): void {
    const waiters = [...place.waiters];
    place.waiters.clear();
    for (const waiter of waiters) {
      waiter.lane = undefined;
      tell(waiter);
    }
  }

  #fail(error: unknown): void {
    this.#isClosed = true;
    void this.#reader?.close().catch(() => undefined);
    this.options.onFailed();
    for (const place of this.#places.values()) this.#tell(place, (waiter) => waiter.failed(error));
  }
}
