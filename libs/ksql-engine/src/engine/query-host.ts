import type { LoggedQuery } from '../command/fold.js';
import type { PartitionOffset, TransactionalWriter } from '../ports/broker.js';
import type { TransactionWait } from '../runtime/open-transactions.js';
import type { QueryError, QueryMetrics, QueryState, RestoreProgress } from '../runtime/persistent-query.js';
import type { SchemaWait } from '../runtime/schema-admission.js';
import type { StoredRow } from '../topology/topology.js';
import type { Row } from '../types/sql-value.js';
import type { CommitTap } from './commit-watch.js';

/** The server that owns the service id, for as long as it does: whoever commits for it does so by its leave. */
export interface Owner {
  /** @throws when the ownership is over */
  openWriter(transactionalId: string): Promise<TransactionalWriter>;
  /**
   * Writers of these ids are opened elsewhere than through `openWriter`, each between two calls of `confirm`. Every later owner will end
   * what is open under them before it reads anything. To be called before the first of the two.
   */
  delegate(transactionalIds: readonly string[]): void;
  /** Settles when this server still owned the service id after the call; fails when it may not. */
  confirm(): Promise<void>;
  /** One of the writers was fenced: nothing is committed any more. */
  end(cause: Error): void;
  /** Settles when it is over. */
  readonly over: Promise<unknown>;
}

/** How many threads a query may be run by one of, among the properties of its request. */
export const THREADS_PROPERTY = 'num.stream.threads';

/** Where queries run: on the thread that answers requests, or on others. */
export interface QueryHost {
  /** All ids that it commits under, as far as it knows before a query asks for more. */
  readonly transactionalIds: readonly string[];
  /** Queries run for this owner from now on. */
  begin(owner: Owner): void;
  /** Starts a query, which goes on where it has committed. */
  run(query: LoggedQuery, isPaused: boolean): HostedQuery;
  /** Waits until no transaction of an earlier owner is undecided. */
  settle(): Promise<void>;
  /** When all queries have stopped: nothing is committed for the owner behind it. */
  end(): Promise<void>;
}

/** One partition of each source of a query, or all of them, and the state that belongs to it. */
export interface TaskStatus {
  /** `0_1`: the first part of the query, partition 1. */
  readonly taskId: string;
  /** Since the query was started the last time, with their bytes: keys and values. */
  readonly recordsIn: number;
  readonly bytesIn: number;
  /** Greatest time of a record that it took, ms; -1 before the first. */
  readonly streamTimeMs: number;
  /** Rows of all its stores. */
  readonly stateRows: number;
  /** Per partition the next offset to process and the one behind the last record, as the newest fetch saw it; undefined before the first. */
  readonly inputs: readonly (PartitionOffset & { readonly endOffset: number | undefined })[];
  /** Names of the stores that have a changelog. */
  readonly stores: readonly string[];
}

/** How a running query is; where it runs elsewhere, as it was a moment ago. */
export interface QueryStatus {
  readonly state: QueryState;
  /** The last ones, oldest first. */
  readonly errors: readonly QueryError[];
  readonly metrics: Readonly<QueryMetrics>;
  /** How far the newest restore is, or was when it was over. */
  readonly restore: RestoreProgress | undefined;
  /** What the state takes on disk, bytes; undefined when it is kept in memory. */
  readonly storedBytes: number | undefined;
  /** Next offset to read per partition. */
  readonly positions: readonly PartitionOffset[];
  /** The open transaction of another producer that reading waits for, once that takes long. */
  readonly transactionWait: TransactionWait | undefined;
  /** The schema that what was read waits for, as the registry is away or does not let us. */
  readonly schemaWait: SchemaWait | undefined;
  /** None while their state is restored. */
  readonly tasks: readonly TaskStatus[];
}

/** A query that runs somewhere. */
export interface HostedQuery extends QueryStatus {
  pause(): void;
  resume(): void;
  /** Commits what was processed and ends; what was told of before it settles is all. */
  stop(): Promise<void>;
  /**
   * Committed rows of the result table: those of these keys, or all of them in parts. A table of up to `SCAN_ROWS` rows is seen as it was
   * at one commit, a larger one part by part.
   * @throws RowsNotThereError, KsqlError when the query was restarted meanwhile
   */
  rows(keys: readonly Row[] | undefined): AsyncGenerator<readonly StoredRow[]>;
  /** Tells of every result that is committed from now on. @returns the way to end that */
  tap(tap: CommitTap): () => void;
}

/** A query has no rows to look at: it is starting, has failed, or keeps none. */
export class RowsNotThereError extends Error {
  override readonly name = 'RowsNotThereError';
}
