import type { Broker, PartitionOffset, TopicDescription } from '../ports/broker.js';
import type { Checkpoint, Checkpoints } from './checkpoints.js';
import type { QueryErrors } from './query-errors.js';
import { ForeignStateError } from './restore.js';

export interface StartPositionsOptions {
  readonly applicationId: string;
  /** See `Checkpoint`. */
  readonly madeBy: number;
  readonly broker: Pick<Broker, 'bounds' | 'committedOffsets'>;
  readonly checkpoints: Checkpoints;
  /** Topics read; tables are always read from their beginning. */
  readonly sources: readonly { readonly topic: string; readonly isTable: boolean }[];
  readonly offsetReset: 'earliest' | 'latest';
}

/** Where a query begins to read: at its last commit, else where its properties say; and never silently behind what was lost. */
export class StartPositions {
  /** Source topics that others have taken the place of, until something of these is committed. */
  readonly #madeAnew = new Set<string>();
  /** Source topics that were missing, of which it is not known yet what is there after. */
  readonly #missed = new Set<string>();
  /** What the source topics were when this process last read them. */
  #lastIds: Checkpoint['topicIds'] = {};
  /** Where reading began, per partition: what counts until the first commit. */
  readonly #began = new Map<string, number>();
  /** Whether the last commit names all partitions that there were; what only a group knows may leave out those that had nothing. */
  #isCheckpoint = false;

  constructor(
    private readonly options: StartPositionsOptions,
    private readonly errors: QueryErrors,
    /** Records of the sources were deleted before they were read. */
    private readonly onLost: (records: number) => void,
  ) {}

  /** No offset of a topic that was deleted means anything in its successor. */
  replaced(topic: string): void {
    this.#madeAnew.add(topic);
  }

  /** A source topic was not listed: it was deleted, or not shown for a while, as to who may not describe it. Its id tells which. */
  missed(topic: string): void {
    this.#missed.add(topic);
  }

  committed(): void {
    this.#madeAnew.clear();
  }

  /** Notices sources that were made anew since they were last read, also while nobody ran. */
  compare(readBefore: Checkpoint['topicIds'], topics: ReadonlyMap<string, TopicDescription>): void {
    const ids = topicIdsOf(this.options.sources, topics);
    const before = { ...this.#lastIds, ...readBefore };
    this.#lastIds = { ...this.#lastIds, ...ids };
    for (const topic of this.#missed) {
      if (!topics.has(topic)) continue;
      this.#missed.delete(topic);
      if (before[topic] === undefined || before[topic] !== ids[topic]) this.replaced(topic);
    }
    for (const [topic, id] of Object.entries(ids)) {
      if ((before[topic] ?? id) === id || this.#madeAnew.has(topic)) continue;
      this.errors.say(`${topic} was deleted and made again; the query goes on from its first record`, topic);
      this.replaced(topic);
    }
  }

  /**
   * Where the last commit stands. The group's offsets are a copy for Kafka's tools, which may have expired; they are all there is of a
   * query whose last commit was made by a server that wrote no checkpoints, also after one that did.
   * @throws ForeignStateError
   */
  async lastCommit(): Promise<Checkpoint> {
    const { broker, applicationId, madeBy, sources, checkpoints } = this.options;
    const [checkpoint, ofGroup] = await Promise.all([
      checkpoints.of(applicationId),
      broker.committedOffsets(
        applicationId,
        sources.map((source) => source.topic),
      ),
    ]);
    const notes = ofGroup.flatMap(({ metadata }) => (metadata === '' ? [] : [metadata])).slice(0, 1);
    const ofGroupAlone = { offsets: ofGroup, notes, topicIds: {}, madeBy: undefined };
    this.#isCheckpoint = false;
    if (checkpoint === undefined) return ofGroupAlone;
    if ((checkpoint.madeBy ?? madeBy) !== madeBy) throw new ForeignStateError(applicationId);
    const known = new Map(checkpoint.offsets.map((place) => [`${place.topic}/${place.partition}`, place.offset]));
    const isBehind = ofGroup.some(
      ({ topic, partition, offset }) => offset > (known.get(`${topic}/${partition}`) ?? Infinity),
    );
    if (isBehind) return ofGroupAlone;
    this.#isCheckpoint = true;
    return checkpoint;
  }

  async after(committed: readonly PartitionOffset[]): Promise<readonly PartitionOffset[]> {
    const positions: PartitionOffset[] = [];
    for (const { topic, isTable } of this.options.sources) {
      // A partition that came after the query has read others is read whole: nothing that was written to it is from before.
      const hasBegun = [...this.#began.keys()].some((place) => place.startsWith(`${topic}/`));
      const wasRead = hasBegun || committed.some((offset) => offset.topic === topic);
      const isNewWhole = hasBegun || (wasRead && this.#isCheckpoint);
      const readsAll = isTable || wasRead || this.options.offsetReset === 'earliest';
      for (const bound of await this.options.broker.bounds(topic)) {
        const known = committed.find((offset) => offset.topic === topic && offset.partition === bound.partition);
        const first = isNewWhole ? 0 : bound.start;
        const reset = readsAll ? first : bound.end;
        const place = `${topic}/${bound.partition}`;
        if (this.#madeAnew.has(topic)) this.#began.set(place, bound.start);
        const isKnown = known && !this.#madeAnew.has(topic);
        let offset = (isKnown ? known.offset : this.#began.get(place)) ?? reset;
        if (offset < bound.start || offset > bound.end) {
          this.#sayLost(topic, bound.partition, offset, bound.start);
          offset = bound.start;
        }
        this.#began.set(place, offset);
        positions.push({ topic, partition: bound.partition, offset });
      }
    }
    return positions;
  }

  /** Records that were deleted before this query read them, or a topic that was made anew: never without a word. */
  #sayLost(topic: string, partition: number, offset: number, start: number): void {
    const lost = Math.max(0, start - offset);
    this.onLost(lost);
    if (lost > 0) {
      const message = `${lost} records of ${topic}-${partition} were deleted before they were read; the query goes on from the first that exists, offset ${start}`;
      this.errors.sayLost('records', message, topic, partition);
      return;
    }
    const message = `${topic}-${partition} was made anew: offset ${offset} does not exist; the query goes on from its first record, offset ${start}`;
    this.errors.say(message, topic, partition);
  }
}

/** Which topics the sources are, where that is known. */
export function topicIdsOf(
  sources: readonly { readonly topic: string }[],
  topics: ReadonlyMap<string, TopicDescription>,
): Readonly<Record<string, string>> {
  return Object.fromEntries(
    sources.flatMap(({ topic }): [string, string][] => {
      const id = topics.get(topic)?.id;
      return id === undefined ? [] : [[topic, id]];
    }),
  );
}
