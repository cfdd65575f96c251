import type { LoggedQuery } from '../command/fold.js';
import { KsqlError } from '../errors/sql-error.js';
import type { PartitionOffset } from '../ports/broker.js';
import type { TransactionWait } from '../runtime/open-transactions.js';
import {
  PersistentQuery,
  type PersistentQueryOptions,
  type QueryError,
  type QueryMetrics,
  type QueryState,
  type RestoreProgress,
} from '../runtime/persistent-query.js';
import type { TopologyHooks } from '../runtime/pending-output.js';
import type { SchemaWait } from '../runtime/schema-admission.js';
import type { StateStorage } from '../state/state-backend.js';
import type { StoreFactory } from '../state/store-factory.js';
import { QueryCode } from '../topology/query-code.js';
import type { StoredRow, StoredRows, Topology } from '../topology/topology.js';
import type { Row } from '../types/sql-value.js';
import { CommitWatch, type CommitTap } from './commit-watch.js';
import { coalescesChanges, hasLambda, persistentSources, sinkWindowBytes, splitsByPartition } from './query-facts.js';
import { RowsNotThereError, type HostedQuery, type TaskStatus } from './query-host.js';

/** `cache.max.bytes.buffering` of Kafka Streams. */
const CACHE_BYTES_DEFAULT = 10 * 1024 * 1024;
/** So many rows of a table are looked at together. */
const SCAN_ROWS = 50_000;

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

export interface LocalQueryOptions extends Omit<PersistentQueryOptions, FactsOfPlan | 'openTasks'> {
  /** `cache.max.bytes.buffering`; 0 sends every change of a table. */
  readonly cacheBytes: number | undefined;
  /** The topology of one task; the tasks of one start share what was compiled for the query. */
  createTopology(hooks: TopologyHooks, code: QueryCode, stores: StoreFactory | undefined): Topology;
  /** Where state is kept when not in memory alone. */
  readonly states: StateStorage | undefined;
  /** Tells the plan's state from that of any other. */
  readonly fingerprint: string;
}

/** A query that runs on this thread. */
export class LocalQuery implements HostedQuery {
  readonly #watch = new CommitWatch();
  readonly #query: PersistentQuery;
  readonly #sinkTopic: string | undefined;

  constructor({ plan, queryId, applicationId, firstSequenceNumber }: LoggedQuery, options: LocalQueryOptions) {
    this.#sinkTopic = plan.sink.kind === 'topic' ? plan.sink.topic.topic : undefined;
    this.#query = new PersistentQuery({
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
      queryId,
      applicationId,
      madeBy: firstSequenceNumber,
      sources: persistentSources(plan),
      sinkTopic: this.#sinkTopic,
      sinkWindowBytes: sinkWindowBytes(plan),
      splitsByPartition: splitsByPartition(plan),
      hasLambda: hasLambda(plan),
      coalesceSink: options.cacheBytes !== 0 && coalescesChanges(plan),
      state: options.states && {
        storage: options.states,
        cacheBytes: options.cacheBytes ?? CACHE_BYTES_DEFAULT,
        fingerprint: `${firstSequenceNumber} ${options.fingerprint}`,
      },
    });
  }

  get state(): QueryState {
    return this.#query.state;
  }
  get errors(): readonly QueryError[] {
    return this.#query.errors;
  }
  get metrics(): Readonly<QueryMetrics> {
    return this.#query.metrics;
  }
  get restore(): RestoreProgress | undefined {
    return this.#query.restore;
  }
  get storedBytes(): number | undefined {
    return this.#query.storedBytes;
  }
  get positions(): readonly PartitionOffset[] {
    return this.#query.positions;
  }
  get transactionWait(): TransactionWait | undefined {
    return this.#query.transactionWait;
  }
  get schemaWait(): SchemaWait | undefined {
    return this.#query.schemaWait;
  }
  get tasks(): readonly TaskStatus[] {
    return this.#query.tasks.map(({ topology: { stores }, partition, recordsIn, bytesIn, newestMs, input }) => ({
      taskId: `0_${partition}`,
      stores: stores.filter(({ hasChangelog }) => hasChangelog).map(({ name }) => name),
      recordsIn,
      bytesIn,
      streamTimeMs: newestMs,
      stateRows: stores.reduce((sum, { size }) => sum + size, 0),
      inputs: input.places,
    }));
  }

  pause(): void {
    this.#query.pause();
  }
  resume(): void {
    this.#query.resume();
  }
  async stop(): Promise<void> {
    await this.#query.stop();
    this.#watch.end();
  }

  async *rows(keys: readonly Row[] | undefined): AsyncGenerator<readonly StoredRow[]> {
    if (keys !== undefined) {
      yield await this.#look((store) => keys.flatMap((key) => [...store.find(key)]));
      return;
    }
    let scanned: StoredRows | undefined;
    let entries: Iterator<StoredRow> | undefined;
    for (let isDone = false; !isDone;) {
      yield await this.#look((store) => {
        if (scanned !== undefined && scanned !== store)
          throw new KsqlError('The query of the table was restarted while its rows were read. Ask again.');
        scanned = store;
        entries ??= store.entries()[Symbol.iterator]();
        const rows: StoredRow[] = [];
        while (!isDone && rows.length < SCAN_ROWS) {
          const next = entries.next();
          if (next.done === true) isDone = true;
          else rows.push(next.value);
        }
        return rows;
      });
    }
  }

  tap(tap: CommitTap): () => void {
    return this.#watch.tap({
      onCommitted: (records) => {
        const results = records.filter(({ topic }) => topic === this.#sinkTopic);
        if (results.length > 0) tap.onCommitted(results);
      },
      onEnd: (reason) => tap.onEnd(reason),
    });
  }

  /** See `CommitWatch.look`. */
  async #look<T>(read: (store: StoredRows) => T): Promise<T> {
    const isThere = this.#query.topologies.length > 0;
    const found = isThere ? await this.#watch.look((store) => store && { rows: read(store) }) : undefined;
    if (found === undefined) throw new RowsNotThereError();
    return found.rows;
  }
}
