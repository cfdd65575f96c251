import type { Broker, PartitionOffset, TopicDescription } from '../ports/broker.js';

export interface TopicWatchOptions {
  readonly broker: Pick<Broker, 'listTopics'>;
  readonly sources: readonly { readonly topic: string }[];
  readonly sinkTopic: string | undefined;
  /** A source topic is not there: what is there later may be another. */
  onSourceGone(topic: string): void;
}

/** One list of the topics serves the looks of all queries; what it says is missing is looked for once more before it counts. */
const SHARED_LIST_MS = 2_000;

/** Knows what became of the topics of a query while it runs: one is missing, or has more partitions than are read. */
export class TopicWatch {
  #missing: string | undefined;
  #grown: string | undefined;

  constructor(private readonly options: TopicWatchOptions) {}

  /** What is said of a topic that was missing at the last look. */
  get missing(): string | undefined {
    return this.#missing;
  }
  /** A source topic that had more partitions than are read. */
  get grown(): string | undefined {
    return this.#grown;
  }

  forget(): void {
    this.#missing = undefined;
    this.#grown = undefined;
  }

  /** Looks while the query runs, which does not wait for it: a sink that nobody writes to is missed too. @returns whether it must know */
  async look(positions: () => readonly PartitionOffset[]): Promise<boolean> {
    const shared = await this.#topics(SHARED_LIST_MS);
    if (shared === undefined) return false;
    const isAsBefore = this.#firstGone(shared) === undefined && this.#grownOf(shared, positions()) === undefined;
    const topics = isAsBefore ? shared : await this.#topics();
    if (topics === undefined) return false;
    this.#missing = this.#missingOf(topics);
    this.#grown = this.#grownOf(topics, positions());
    return this.#missing !== undefined || this.#grown !== undefined;
  }

  /** Says which topic of the query does not exist; undefined when all do, or when the broker does not tell. */
  async findMissing(): Promise<string | undefined> {
    const topics = await this.#topics();
    return topics === undefined ? undefined : this.#missingOf(topics);
  }

  #topics(ageMaxMs = 0): Promise<ReadonlyMap<string, TopicDescription> | undefined> {
    return this.options.broker.listTopics(ageMaxMs).catch(() => undefined);
  }

  #firstGone(topics: ReadonlyMap<string, unknown>): string | undefined {
    const { sources, sinkTopic } = this.options;
    return [...sources.map(({ topic }) => topic), sinkTopic].find((topic) => topic !== undefined && !topics.has(topic));
  }

  #grownOf(topics: ReadonlyMap<string, TopicDescription>, positions: readonly PartitionOffset[]): string | undefined {
    const read = (topic: string): number => positions.filter((place) => place.topic === topic).length;
    return this.options.sources.find(({ topic }) => (topics.get(topic)?.partitions ?? 0) > read(topic))?.topic;
  }

  #missingOf(topics: ReadonlyMap<string, unknown>): string | undefined {
    const { sources, sinkTopic } = this.options;
    const gone = sources.map(({ topic }) => topic).filter((topic) => !topics.has(topic));
    for (const topic of gone) this.options.onSourceGone(topic);
    if (gone[0] !== undefined)
      return `source topic ${gone[0]} does not exist any more; the query goes on when it is there again`;
    if (sinkTopic === undefined || topics.has(sinkTopic)) return undefined;
    return `sink topic ${sinkTopic} does not exist any more; the query goes on when it is there again`;
  }
}
