import type { CommitTap } from '../../engine/commit-watch.js';
import { RowsNotThereError, type HostedQuery, type QueryStatus, type TaskStatus } from '../../engine/query-host.js';
import type { PartitionOffset } from '../../ports/broker.js';
import type { TransactionWait } from '../../runtime/open-transactions.js';
import {
  noMetrics,
  type QueryError,
  type QueryMetrics,
  type QueryState,
  type RestoreProgress,
} from '../../runtime/persistent-query.js';
import type { StoredRow } from '../../topology/topology.js';
import type { Row } from '../../types/sql-value.js';
import {
  decodePage,
  encodeKeys,
  ThreadGoneError,
  unpackRecords,
  type Answer,
  type PackedRecords,
  type QueryMessage,
  type Question,
  type ToThread,
} from './query-messages.js';

const ERRORS_KEPT = 10;

/** The thread of a query, as the query has it. */
export interface ItsThread {
  send(message: ToThread): void;
  /** @throws when the thread does not run, or dies meanwhile */
  ask(question: Question): Promise<Answer>;
  /** Settles when the query has stopped, or its thread is gone. */
  stop(): Promise<void>;
  stopped(): void;
}

export interface ThreadQueryOptions {
  readonly queryId: string;
  /** That it reads. */
  readonly topics: readonly string[];
  readonly message: QueryMessage;
  onState(state: QueryState, error: QueryError | undefined): void;
}

const NOTHING_YET: QueryMetrics = noMetrics();

let lastScan = 0;

/** A query that runs on another thread, as it was told of a moment ago. */
export class ThreadQuery implements HostedQuery {
  #status: QueryStatus = {
    state: 'RESTORING',
    errors: [],
    metrics: NOTHING_YET,
    restore: undefined,
    storedBytes: undefined,
    positions: [],
    transactionWait: undefined,
    schemaWait: undefined,
    tasks: [],
  };
  /** What it came to on threads that have died. */
  #before: QueryMetrics = NOTHING_YET;
  #errorsBefore: readonly QueryError[] = [];
  readonly #taps = new Set<CommitTap>();

  constructor(
    private readonly options: ThreadQueryOptions,
    private readonly thread: ItsThread,
    private isPaused: boolean,
  ) {}

  get topics(): readonly string[] {
    return this.options.topics;
  }
  get state(): QueryState {
    return this.#status.state;
  }
  get errors(): readonly QueryError[] {
    return [...this.#errorsBefore, ...this.#status.errors].slice(-ERRORS_KEPT);
  }
  get metrics(): QueryMetrics {
    return sumOf(this.#before, this.#status.metrics);
  }
  get restore(): RestoreProgress | undefined {
    return this.#status.restore;
  }
  get storedBytes(): number | undefined {
    return this.#status.storedBytes;
  }
  get positions(): readonly PartitionOffset[] {
    return this.#status.positions;
  }
  get transactionWait(): TransactionWait | undefined {
    return this.#status.transactionWait;
  }
  get schemaWait(): QueryStatus['schemaWait'] {
    return this.#status.schemaWait;
  }
  get tasks(): readonly TaskStatus[] {
    return this.#status.tasks;
  }

  get runMessage(): ToThread {
    return { kind: 'run', query: this.options.message, isPaused: this.isPaused };
  }

  /** Its thread is there, for the first time or again. */
  begin(): void {
    this.thread.send(this.runMessage);
    if (this.#taps.size > 0) this.#send('tap');
    if (this.#status.state === 'ERROR') this.#become('RESTORING');
  }

  told(status: QueryStatus): void {
    this.#status = status;
  }

  /** Its thread has died. */
  lost(message: string): void {
    const error: QueryError = { timestampMs: Date.now(), message, type: 'SYSTEM' };
    this.#errorsBefore = [...this.errors, error].slice(-ERRORS_KEPT);
    this.#before = { ...this.metrics, restarts: this.metrics.restarts + 1 };
    const waits = { transactionWait: undefined, schemaWait: undefined };
    this.#status = { ...this.#status, ...waits, errors: [], metrics: NOTHING_YET, tasks: [] };
    this.#become('ERROR', error);
    // What it has committed and not told of is known to nobody here.
    this.untapped(`${message}: results that the query wrote last may be missing here. Ask again.`);
  }

  committed(batches: readonly PackedRecords[]): void {
    const records = batches.map(unpackRecords);
    for (const tap of this.#taps) tap.onCommitted(records);
  }

  untapped(reason?: string): void {
    const taps = [...this.#taps];
    this.#taps.clear();
    for (const tap of taps) tap.onEnd(reason);
  }

  pause(): void {
    this.isPaused = true;
    this.#send('pause');
  }
  resume(): void {
    this.isPaused = false;
    this.#send('resume');
  }

  async stop(): Promise<void> {
    await this.thread.stop();
    this.thread.stopped();
    // Where its thread was gone nobody has said so.
    if (this.#status.state !== 'STOPPED') this.#become('STOPPED');
    this.untapped();
  }

  async *rows(keys: readonly Row[] | undefined): AsyncGenerator<readonly StoredRow[]> {
    const scan = ++lastScan;
    const { queryId } = this.options;
    let question: Question = { kind: 'rows', queryId, scan, keys: keys && encodeKeys(keys) };
    let isDone = false;
    try {
      while (!isDone) {
        const { rows } = await this.#asked(question);
        for (const page of rows?.pages ?? []) yield decodePage(page);
        isDone = rows?.isDone !== false;
        question = { kind: 'more', scan };
      }
    } finally {
      if (!isDone) this.thread.send({ kind: 'leave', scan });
    }
  }

  tap(tap: CommitTap): () => void {
    this.#taps.add(tap);
    if (this.#taps.size === 1) this.#send('tap');
    return () => {
      if (this.#taps.delete(tap) && this.#taps.size === 0) this.#send('untap');
    };
  }

  /** Of a thread that dies while it is asked nobody can say more. */
  async #asked(question: Question): Promise<Answer> {
    try {
      return await this.thread.ask(question);
    } catch (error) {
      if (error instanceof ThreadGoneError) throw new RowsNotThereError(error.message);
      throw error;
    }
  }

  #send(kind: 'pause' | 'resume' | 'tap' | 'untap'): void {
    this.thread.send({ kind, queryId: this.options.queryId });
  }

  #become(state: QueryState, error?: QueryError): void {
    this.#status = { ...this.#status, state };
    this.options.onState(state, error);
  }
}

function sumOf(before: QueryMetrics, now: QueryMetrics): QueryMetrics {
  const sum = { ...now };
  for (const name of Object.keys(before) as (keyof QueryMetrics)[])
    sum[name] = name === 'lastRecordTimeMs' ? Math.max(before[name], now[name]) : before[name] + now[name];
  return sum;
}
