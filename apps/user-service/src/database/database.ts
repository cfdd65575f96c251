import { Problem } from '@isobar/service-kit';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Logger } from 'pino';
import type { DataSource, EntityManager } from 'typeorm';
import { isConflict, toConstraintProblem } from './constraint-problems.js';

/** Connects and migrates in the background, trying until the database is there. */
export class Database {
  private failure: Error | undefined = new Error('not connected yet');
  private readonly stopping = new AbortController();

  constructor(
    private readonly dataSource: DataSource,
    private readonly log: Logger,
  ) {}

  async open(): Promise<void> {
    for (let attempt = 1; !this.stopping.signal.aborted; attempt += 1) {
      try {
        if (!this.dataSource.isInitialized) await this.dataSource.initialize();
        const migrations = await this.dataSource.runMigrations({ transaction: 'each' });
        if (migrations.length > 0)
          this.log.info({ migrations: migrations.map(({ name }) => name) }, 'database migrated');
        this.failure = undefined;
        return;
      } catch (error) {
        this.failure = error instanceof Error ? error : new Error(String(error));
        if (attempt === 1 || attempt % 20 === 0)
          this.log.warn({ err: error, attempt }, 'the database is not ready; trying again');
        await sleep(Math.min(100 * attempt, 2_000), undefined, { signal: this.stopping.signal }).catch(() => undefined);
      }
    }
  }

  /** Whether statements can be expected to be answered. */
  get isReady(): boolean {
    return this.failure === undefined && !this.stopping.signal.aborted;
  }

  stop(): void {
    this.stopping.abort();
  }

  /** Rejects, with the reason, while a statement cannot be answered. */
  async check(): Promise<void> {
    if (this.failure !== undefined) throw this.failure;
    await this.dataSource.query('SELECT 1');
  }

  /** Hands out a connection for reading. @throws Problem 503 while the tables are not there or the connection is lost */
  read<Result>(work: (manager: EntityManager) => Promise<Result>): Promise<Result> {
    return this.answer(() => work(this.dataSource.manager));
  }

  /**
   * Hands out a transaction: all of `work` happens, or nothing. When it meets another one it runs again, so it must have no effect
   * outside of the database.
   *
   * @throws Problem 409 or 422 when a constraint refuses, 503 while the database cannot be asked
   */
  transaction<Result>(work: (manager: EntityManager) => Promise<Result>): Promise<Result> {
    return this.answer(async () => {
      for (let attempt = 1; ; attempt += 1) {
        try {
          return await this.dataSource.transaction(work);
        } catch (error) {
          if (!isConflict(error) || attempt === attemptsMax) throw error;
        }
      }
    });
  }

  private async answer<Result>(work: () => Promise<Result>): Promise<Result> {
    if (this.failure !== undefined) throw notReady();
    try {
      return await work();
    } catch (error) {
      throw isLostConnection(error) ? notReady() : (toConstraintProblem(error) ?? error);
    }
  }
}

/** How often a transaction that meets others is tried before the request is told. */
const attemptsMax = 5;

const notReady = (): Problem =>
  new Problem(503, {
    type: 'upstream-unavailable',
    title: 'The database is not ready',
    detail: 'The service is waiting for PostgreSQL; try again in a moment.',
  });

/** Refused or cut sockets, and PostgreSQL's classes 08 (connection), 53 (no room) and 57 (stops, starts, took too long). */
function isLostConnection(error: unknown): boolean {
  if (typeof error !== 'object' || error === null) return false;
  const code = 'code' in error ? String(error.code) : '';
  const message = 'message' in error ? String(error.message) : '';
  return (
    /^(ECONN|EPIPE|ETIMEDOUT|ENOTFOUND|EAI_AGAIN|08|53|57)/.test(code) ||
    /^(Connection terminated|timeout exceeded when trying to connect|Client has encountered a connection error)/.test(
      message,
    )
  );
}
