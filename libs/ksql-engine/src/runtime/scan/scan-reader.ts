import {
  BrokerUnavailableError,
  type BrokerReader,
  type FetchedPartition,
  type PartitionOffset,
} from '../../ports/broker.js';
import { servedLast } from '../../ports/fetch-size.js';
import type { Scheduler } from '../../ports/scheduler.js';
import type { ScanLane, Waiter } from './scan-lane.js';
import type { TopicScan } from './topic-scan.js';

type Wants = (topic: string, partition: number) => boolean;

/** Where a reader stands in one partition. */
class Place implements Waiter, PartitionOffset {
  readonly topic: string;
  readonly partition: number;
  offset: number;
  lane: ScanLane | undefined;
  /** Whether it was told that it is at the end, where it is. */
  knowsEnd = false;
  /** Why nothing can be read there: to be thrown by a poll, and until then not asked for again. */
  failure: { readonly error: unknown } | undefined;

  constructor(
    readonly scan: TopicScan,
    { topic, partition, offset }: PartitionOffset,
    private readonly owner: { put(place: Place, part: FetchedPartition): void; interrupt(): void },
  ) {
    this.topic = topic;
    this.partition = partition;
    this.offset = offset;
  }

  arrived(part: FetchedPartition): void {
    this.owner.put(this, part);
  }
  failed(error: unknown): void {
    this.failure = { error };
    this.owner.interrupt();
  }
}

/** A reader with positions of its own, of which others with the same positions have the fetches too. */
export class ScanReader implements BrokerReader {
  /** Those that were served last are last. */
  #places: readonly Place[];
  #arrived: { readonly place: Place; readonly part: FetchedPartition }[] = [];
  #endWait: (() => void) | undefined;
  #isClosed = false;

  constructor(
    positions: readonly PartitionOffset[],
    scanOf: (topic: string) => TopicScan,
    private readonly scheduler: Scheduler,
    /** What one poll takes of what is kept. */
    private readonly pollBytesMax: number,
    private readonly onClose: () => Promise<void>,
  ) {
    const owner = {
      put: (place: Place, part: FetchedPartition) => {
        this.#arrived.push({ place, part });
        this.interrupt();
      },
      interrupt: () => this.interrupt(),
    };
    this.#places = positions.map((position) => new Place(scanOf(position.topic), position, owner));
  }

  async poll(maxWaitMs: number, wants: Wants = () => true): Promise<readonly FetchedPartition[]> {
    if (this.#isClosed) throw new BrokerUnavailableError('the reader was closed');
    if (this.#arrived.length === 0) this.#throwFailure();
    const found = this.#look(wants);
    if (found.length > 0) return found;
    if (!this.#hasFailed) {
      const wait = new Promise<void>((resolve) => {
        this.#endWait = resolve;
      });
      const stopTimer = this.scheduler.after(maxWaitMs, () => this.interrupt());
      await wait;
      stopTimer();
      const arrived = this.#takeArrived();
      if (arrived.length > 0) return arrived;
    }
    this.#throwFailure();
    return [];
  }

  interrupt(): void {
    this.#endWait?.();
  }

  moveTo({ topic, partition, offset }: PartitionOffset): void {
    const place = this.#places.find((each) => each.topic === topic && each.partition === partition);
    if (place === undefined) return;
    place.lane?.leave(place);
    this.#arrived = this.#arrived.filter((each) => each.place !== place);
    place.failure = undefined;
    place.offset = offset;
    place.knowsEnd = false;
  }

  async close(): Promise<void> {
    if (this.#isClosed) return;
    this.#isClosed = true;
    for (const place of this.#places) place.lane?.leave(place);
    this.interrupt();
    await this.onClose();
  }

  get #hasFailed(): boolean {
    return this.#places.some(({ failure }) => failure !== undefined);
  }

  #throwFailure(): void {
    const place = this.#places.find(({ failure }) => failure !== undefined);
    if (place?.failure === undefined) return;
    const { error } = place.failure;
    place.failure = undefined;
    throw error;
  }

  /** What arrived, and what is kept where this reader stands; it waits for the rest. */
  #look(wants: Wants): readonly FetchedPartition[] {
    const found: FetchedPartition[] = [...this.#takeArrived()];
    const served = new Set<Place>();
    let bytes = found.reduce((sum, part) => sum + part.bytes, 0);
    for (const place of this.#places) {
      const { topic, partition, offset } = place;
      if (place.failure !== undefined || !wants(topic, partition)) continue;
      if (found.some((part) => part.topic === topic && part.partition === partition)) continue;
      const kept = bytes < this.pollBytesMax ? place.scan.kept(partition, offset) : undefined;
      if (kept !== undefined) {
        place.lane?.leave(place);
        bytes += kept.bytes;
        served.add(place);
        found.push(this.#handOut(place, kept));
      } else if (place.lane === undefined) {
        const end = place.scan.ask(place, this.#places);
        if (end !== undefined && !place.knowsEnd) found.push(this.#handOut(place, end));
      }
    }
    this.#places = servedLast(this.#places, (place) => served.has(place));
    return found;
  }

  #takeArrived(): readonly FetchedPartition[] {
    const parts = this.#arrived.map(({ place, part }) => this.#handOut(place, part));
    this.#arrived = [];
    return parts;
  }

  #handOut(place: Place, part: FetchedPartition): FetchedPartition {
    place.offset = part.nextOffset;
    place.knowsEnd = part.nextOffset >= part.endOffset;
    return part;
  }
}
