import { sha256 } from '@noble/hashes/sha2.js';
import type { CommandState } from '../command/fold.js';
import { lookup } from '../facts/world-facts.js';
import { SharedDecodes } from '../operators/source/shared-decodes.js';
import type { Checkpoints } from '../runtime/checkpoints.js';
import type { Commits } from '../runtime/commits.js';
import { CORRUPT_BATCHES_PROPERTY } from '../runtime/corrupt-batches.js';
import { planCodec } from '../plan/codec/plan-codec.js';
import { SharedScans } from '../runtime/scan/shared-scans.js';
import { buildTopology } from '../topology/build-topology.js';
import { EventTimeBound } from '../topology/event-time-bound.js';
import type { EngineOptions } from './engine-options.js';
import { LiveQuery } from './live-query.js';
import { withRecorded } from './result-settings.js';

/** What only the owner of the service id has. */
export interface Owner {
  readonly commits: Commits;
  /** Settles when this server still owned the service id after the call; fails when it may not. */
  confirm(): Promise<void>;
}

/** Makes what runs follow the state of the log: starts, replaces, pauses and ends queries. Not concurrent. */
export class QueryAssignment {
  #queries: ReadonlyMap<string, LiveQuery> = new Map();
  /** Undefined on a server that stands by: it knows the queries and runs none. */
  #owner: Owner | undefined;
  readonly #scans: SharedScans;
  readonly #decodes = new SharedDecodes();

  constructor(
    private readonly options: EngineOptions,
    private readonly checkpoints: Checkpoints,
    private readonly internalTopicReplicas: number,
  ) {
    this.#scans = new SharedScans(options);
  }

  /** In the order of the log. */
  get queries(): ReadonlyMap<string, LiveQuery> {
    return this.#queries;
  }

  /**
   * What can go on goes on. Queries that are gone end with their topics, their group and their checkpoint; one that takes the
   * place of another under its id takes them over.
   *
   * @throws BrokerUnavailableError where something that is left of an ended query could not be deleted; the assignment is complete
   */
  async assign(state: CommandState): Promise<void> {
    const before = this.#queries;
    const owner = this.#owner;
    const ended: LiveQuery[] = [];
    for (const [queryId, query] of before) {
      const wanted = state.queries.get(queryId);
      if (wanted?.sequenceNumber === query.sequenceNumber) continue;
      if (wanted === undefined) ended.push(query);
      else await query.stop();
    }
    this.#queries = new Map(
      [...state.queries.values()].map((wanted) => {
        const running = before.get(wanted.queryId);
        if (running?.sequenceNumber === wanted.sequenceNumber) {
          if (wanted.isPaused && !running.isPaused) running.pause();
          if (!wanted.isPaused && running.isPaused) running.resume();
          return [wanted.queryId, running];
        }
        return [wanted.queryId, new LiveQuery(wanted, this.options.clock.nowMs())];
      }),
    );
    if (owner === undefined || owner !== this.#owner) return;
    for (const query of this.#queries.values())
      if (query.task === undefined && query.problem === undefined) this.#start(query, owner);
    const left = await Promise.allSettled(ended.map((query) => this.#end(query)));
    for (const outcome of left) if (outcome.status === 'rejected') throw outcome.reason;
  }

  /** All that is to run does from now on: see `assign`. */
  async begin(owner: Owner, state: CommandState): Promise<void> {
    this.#owner = owner;
    await this.assign(state);
  }

  /** Nothing runs any more, until `begin`; may come between, while an assignment is under way. */
  async stop(): Promise<void> {
    this.#owner = undefined;
    await Promise.all([...this.#queries.values()].map((query) => query.stop()));
  }

  #start(query: LiveQuery, { commits }: Owner): void {
    const { broker, clock, random, functions, config } = this.options;
    const properties = new Map(Object.entries(query.properties));
    const property = withRecorded(query.settings, (name) => lookup(properties, config, name));
    const timeBound = new EventTimeBound(property, () => clock.nowMs());
    const inputBytesMax = Number(property('input.buffer.max.bytes'));
    const cache = property('cache.max.bytes.buffering') ?? property('statestore.cache.max.bytes');
    query.start({
      broker,
      scans: this.#scans,
      commits,
      checkpoints: this.checkpoints,
      clock,
      offsetReset: property('auto.offset.reset') === 'earliest' ? 'earliest' : 'latest',
      commitIntervalMs: this.options.commitIntervalMs,
      internalTopicReplicas: this.internalTopicReplicas,
      inputBytesMax: inputBytesMax > 0 ? inputBytesMax : undefined,
      skipsCorruptBatches: property(CORRUPT_BATCHES_PROPERTY) === 'skip',
      latestMs: () => timeBound.latestMs(),
      cacheBytes: cache === undefined ? undefined : Number(cache),
      states: this.options.states,
      fingerprint: this.#fingerprint(query),
      createTopology: (hooks, code, stores) =>
        buildTopology(query.plan, {
          functions,
          functionContext: { nowMs: () => clock.nowMs(), random: () => random.next(), property },
          log: { append: (entry) => hooks.onLog(entry) },
          property,
          code,
          stores,
          decodes: this.#decodes,
          onSink: (records) => hooks.onSink(records),
          onRows: () => undefined,
        }),
      deadLetter: (entry) => this.options.deadLetter(entry),
      onLog: (entry) => this.options.onLog(entry),
      onState: (state, error) => this.options.onQueryState(query.queryId, state, error),
      onRestore: (restore) => this.options.onQueryRestore?.(query.queryId, restore),
    });
  }

  /** Of the plan as it is recorded: what is stored means nothing to another one. */
  #fingerprint(query: LiveQuery): string {
    if (this.options.states === undefined) return '';
    const plan = planCodec(this.options.functions).encode(query.plan);
    return Buffer.from(sha256(Buffer.from(JSON.stringify(plan)))).toString('hex');
  }

  /** Which of these have something left, after a server that was killed while it ended them. */
  async leftOver(applicationIds: readonly string[]): Promise<readonly string[]> {
    const topics = [...(await this.options.broker.listTopics()).keys()];
    const owners = await this.checkpoints.owners();
    return applicationIds.filter((id) => owners.has(id) || this.#internalTopics(id, topics).length > 0);
  }

  /** Deletes what queries that ended have left. The checkpoint goes last: as long as it is there, there may be more. */
  async forget(applicationId: string): Promise<void> {
    const { broker, clock } = this.options;
    // A later owner may have begun another query of this id, and clears away what this one leaves.
    if (this.#owner === undefined) return;
    await this.#owner.confirm();
    await broker.deleteTopics(this.#internalTopics(applicationId, [...(await broker.listTopics()).keys()]));
    await broker.deleteGroup(applicationId);
    this.options.states?.forget(applicationId);
    await this.checkpoints.forget(applicationId, clock.nowMs());
  }

  async #end(query: LiveQuery): Promise<void> {
    await query.stop();
    await this.forget(query.applicationId);
  }

  /** Those of a query that ended. Names of sources, and so of queries, may hold a hyphen: what begins with a longer name is that query's. */
  #internalTopics(applicationId: string, topics: readonly string[]): readonly string[] {
    const prefix = `${applicationId}-`;
    const others = [...this.#queries.values()]
      .map((query) => `${query.applicationId}-`)
      .filter((other) => other.startsWith(prefix));
    return topics.filter((topic) => topic.startsWith(prefix) && !others.some((other) => topic.startsWith(other)));
  }
}
