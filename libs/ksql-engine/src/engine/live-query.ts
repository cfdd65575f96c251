import type { LoggedQuery } from '../command/fold.js';
import type { QueryPlan } from '../plan/nodes.js';
import { PersistentQuery, type PersistentQueryOptions, type QueryError } from '../runtime/persistent-query.js';
import type { TopologyHooks } from '../runtime/pending-output.js';
import type { StateStorage } from '../state/state-backend.js';
import type { StoreFactory } from '../state/store-factory.js';
import { QueryCode } from '../topology/query-code.js';
import type { StoredRows, Topology } from '../topology/topology.js';
import { CommitWatch, type CommitTap } from './commit-watch.js';
import type { ExistingQuery } from './planned-statement.js';
import { coalescesChanges, hasLambda, persistentSources, sinkWindowBytes, splitsByPartition } from './query-facts.js';

/** `cache.max.bytes.buffering` of Kafka Streams. */
const CACHE_BYTES_DEFAULT = 10 * 1024 * 1024;

/** Options of a query that its plan decides. */
type FactsOfPlan =
  | 'queryId'
  | 'madeBy'
  | 'applicationId'
  | 'sources'
  | 'sinkTopic'
  | 'sinkWindowBytes'
  | 'splitsByPartition'
  | 'hasLambda'
  | 'coalesceSink'
  | 'state';

/** A persistent query of a live engine: its plan, what made it, and the task that runs it. */
export class LiveQuery implements ExistingQuery {
  #task: PersistentQuery | undefined;
  readonly #watch = new CommitWatch();
  #isPaused: boolean;

  readonly #problem: QueryError | undefined;

  /** @param nowMs when it became known */
  constructor(
    private readonly logged: LoggedQuery,
    nowMs: number,
  ) {
    const { problem, isPaused } = logged;
    this.#problem = problem === undefined ? undefined : { timestampMs: nowMs, message: problem, type: 'SYSTEM' };
    this.#isPaused = isPaused;
  }

  get queryId(): string {
    return this.logged.queryId;
  }
  get plan(): QueryPlan {
    return this.logged.plan;
  }
  get kind(): ExistingQuery['kind'] {
    return this.logged.kind;
  }
  get sinkName(): string | undefined {
    return this.logged.sinkName;
  }
  get statementText(): string {
    return this.logged.statementText;
  }
  /** Properties of the request that made it. */
  get properties(): Readonly<Record<string, string>> {
    return this.logged.properties;
  }
  /** See `NewQuery.settings`. */
  get settings(): LoggedQuery['settings'] {
    return this.logged.settings;
  }
  get applicationId(): string {
    return this.logged.applicationId;
  }
  /** The command that made it. */
  get sequenceNumber(): number {
    return this.logged.sequenceNumber;
  }
  get isPaused(): boolean {
    return this.#isPaused;
  }
  /** Why it cannot run at all, and is not started. */
  get problem(): string | undefined {
    return this.#problem?.message;
  }
  /** Oldest first. */
  get errors(): readonly QueryError[] {
    return this.#problem === undefined ? (this.#task?.errors ?? []) : [this.#problem];
  }
  get task(): PersistentQuery | undefined {
    return this.#task;
  }
  get sinkTopic(): string | undefined {
    return this.plan.sink.kind === 'topic' ? this.plan.sink.topic.topic : undefined;
  }

  /** A look at the committed rows of the result table, see `CommitWatch.look`; undefined is what a query shows that does not run. */
  look<T>(look: (rows: StoredRows | undefined) => T): Promise<T> {
    return this.#task?.topologies.length ? this.#watch.look(look) : Promise.resolve(look(undefined));
  }

  /** Tells of every result that is committed from now on. @returns the way to end that */
  tap(tap: CommitTap): () => void {
    return this.#watch.tap({
      onCommitted: (records) => {
        const results = records.filter(({ topic }) => topic === this.sinkTopic);
        if (results.length > 0) tap.onCommitted(results);
      },
      onEnd: () => tap.onEnd(),
    });
  }

  start(
    options: Omit<PersistentQueryOptions, FactsOfPlan | 'openTasks'> & {
      /** `cache.max.bytes.buffering`; 0 sends every change of a table. */
      readonly cacheBytes: number | undefined;
      /** The topology of one task; the tasks of one start share what was compiled for the query. */
      createTopology(hooks: TopologyHooks, code: QueryCode, stores: StoreFactory | undefined): Topology;
      /** Where state is kept when not in memory alone. */
      readonly states: StateStorage | undefined;
      /** Tells the plan's state from that of any other. */
      readonly fingerprint: string;
    },
  ): void {
    this.#task = new PersistentQuery({
      ...options,
      openTasks: (hooks) => {
        const code = new QueryCode();
        this.#watch.begin();
        return {
          build: (stores) => options.createTopology(hooks, code, stores),
          begin: (topology) => this.#watch.topology(topology),
        };
      },
      onCommitted: (records) => {
        this.#watch.committed(records);
      },
      onState: (state, error) => {
        if (state === 'ERROR' || state === 'STOPPED') this.#watch.abandon();
        options.onState(state, error);
      },
      queryId: this.queryId,
      applicationId: this.applicationId,
      madeBy: this.logged.firstSequenceNumber,
      sources: persistentSources(this.plan),
      sinkTopic: this.sinkTopic,
      sinkWindowBytes: sinkWindowBytes(this.plan),
      splitsByPartition: splitsByPartition(this.plan),
      hasLambda: hasLambda(this.plan),
      coalesceSink: options.cacheBytes !== 0 && coalescesChanges(this.plan),
      state: options.states && {
        storage: options.states,
        cacheBytes: options.cacheBytes ?? CACHE_BYTES_DEFAULT,
        fingerprint: `${this.logged.firstSequenceNumber} ${options.fingerprint}`,
      },
    });
    if (this.#isPaused) this.#task.pause();
  }

  pause(): void {
    this.#isPaused = true;
    this.#task?.pause();
  }
  resume(): void {
    this.#isPaused = false;
    this.#task?.resume();
  }
  async stop(): Promise<void> {
    await this.#task?.stop();
    this.#task = undefined;
    this.#watch.end();
  }
}
