import type { LoggedQuery } from '../command/fold.js';
import type { QueryPlan } from '../plan/nodes.js';
import type { QueryError } from '../runtime/persistent-query.js';
import type { StoredRow } from '../topology/topology.js';
import type { Row } from '../types/sql-value.js';
import type { CommitTap } from './commit-watch.js';
import type { ExistingQuery } from './planned-statement.js';
import { RowsNotThereError, type HostedQuery, type QueryHost } from './query-host.js';

/** A persistent query of a live engine: its plan, what made it, and how it runs. */
export class LiveQuery implements ExistingQuery {
  #task: HostedQuery | undefined;
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
  /** Undefined while it is not to run here. */
  get task(): HostedQuery | undefined {
    return this.#task;
  }
  get sinkTopic(): string | undefined {
    return this.plan.sink.kind === 'topic' ? this.plan.sink.topic.topic : undefined;
  }

  /** See `HostedQuery.rows`. @throws RowsNotThereError */
  async *rows(keys: readonly Row[] | undefined): AsyncGenerator<readonly StoredRow[]> {
    if (this.#task === undefined) throw new RowsNotThereError();
    yield* this.#task.rows(keys);
  }

  /** Tells of every result that is committed from now on. @returns the way to end that */
  tap(tap: CommitTap): () => void {
    if (this.#task !== undefined) return this.#task.tap(tap);
    tap.onEnd();
    return () => undefined;
  }

  start(host: QueryHost): void {
    this.#task = host.run(this.logged, this.#isPaused);
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
  }
}
