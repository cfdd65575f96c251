import type { FunctionRegistry } from '../functions/function.js';
import type { Broker, TopicDescription } from '../ports/broker.js';

/** What the world was like at one moment; all that planning may ask. Immutable. */
export interface WorldFacts {
  readonly topics: ReadonlyMap<string, TopicDescription>;
  /** Server configuration by ksqlDB's names. */
  readonly config: Readonly<Record<string, string>>;
  readonly functions: FunctionRegistry;
  /** Wall clock. */
  readonly nowMs: number;
}

/** The only place that asks the world before a statement is planned. */
export async function resolveFacts(
  broker: Broker,
  others: Pick<WorldFacts, 'config' | 'functions' | 'nowMs'>,
): Promise<WorldFacts> {
  return { topics: new Map(await broker.listTopics()), ...others };
}

/** The facts once these topics are there. */
export function withTopics(
  facts: WorldFacts,
  topics: readonly (TopicDescription & { readonly topic: string })[],
): WorldFacts {
  if (topics.length === 0) return facts;
  const all = new Map(facts.topics);
  for (const topic of topics) all.set(topic.topic, topic);
  return { ...facts, topics: all };
}

/** The facts once these topics are gone. */
export function withoutTopics(facts: WorldFacts, names: readonly string[]): WorldFacts {
  if (names.length === 0) return facts;
  return { ...facts, topics: new Map([...facts.topics].filter(([topic]) => !names.includes(topic))) };
}

/** A property of a request, or else of the server; `ksql.streams.` in front of a name goes without saying. */
export const lookup = (
  properties: ReadonlyMap<string, string>,
  config: Readonly<Record<string, string>>,
  name: string,
): string | undefined =>
  properties.get(name) ?? properties.get(`ksql.streams.${name}`) ?? config[name] ?? config[`ksql.streams.${name}`];

/** Notes what is asked of the facts while a statement is planned. */
export class FactsAsked {
  readonly #topics = new Map<string, TopicDescription>();
  readonly #settings = new Map<string, string>();

  constructor(
    private readonly facts: WorldFacts,
    private readonly properties: ReadonlyMap<string, string>,
  ) {}

  describe(topic: string): TopicDescription | undefined {
    const found = this.facts.topics.get(topic);
    if (found !== undefined) this.#topics.set(topic, found);
    return found;
  }

  property(name: string): string | undefined {
    const value = lookup(this.properties, this.facts.config, name);
    if (value !== undefined) this.#settings.set(name, value);
    return value;
  }

  /** In the order of their names. */
  get used() {
    const byName = <T>(entries: Iterable<[string, T]>): [string, T][] =>
      [...entries].sort(([a], [b]) => (a < b ? -1 : Number(a > b)));
    return {
      topics: byName(this.#topics).map(([topic, { partitions, replicas }]) => ({ topic, partitions, replicas })),
      settings: Object.fromEntries(byName(this.#settings)),
    };
  }
}
