import { sleep, timers } from '../ports/scheduler.js';
import {
  countRecords,
  type Broker,
  type ConsumedOffsets,
  type RefusedRecord,
  type TransactionalWriter,
  type WriteBatch,
} from '../ports/broker.js';

/** What one query wants to become visible at once. */
export interface Commit {
  readonly records: WriteBatch;
  readonly consumed: ConsumedOffsets;
  /** Told which of its records the broker does not take; gives what is written in their place. */
  onRefused(refused: readonly RefusedRecord[]): Promise<WriteBatch>;
}

interface WaitingCommit extends Commit {
  readonly settle: PromiseWithResolvers<undefined>;
}

export interface GroupCommitOptions {
  readonly broker: Pick<Broker, 'openWriter'>;
  readonly transactionalId: string;
  /** How long the first commit waits for others that are due too, ms. */
  readonly lingerMs: number;
  /** No further commit joins a transaction that holds this many records; with 0 each commit has a transaction of its own. */
  readonly recordsMax: number;
  /** Whether the writer is kept while nothing is to be written. Opening one costs a request, keeping one costs connections. */
  readonly keepsWriter: boolean;
}

/**
 * Commits of several queries as one Kafka transaction. A transaction costs the broker some ten log writes and three to five requests,
 * whatever is in it, and a record that comes by makes all queries behind it due within milliseconds. One transaction is under way at a
 * time; what comes meanwhile goes into the next.
 *
 * A transaction fails as a whole: everybody in it is told, and goes back to what was committed before, after `settle`.
 */
export class GroupCommit {
  #writer: TransactionalWriter | undefined;
  /** Whether the writer has written since it was opened. */
  #hasWritten = false;
  #waiting: WaitingCommit[] = [];
  #settling: PromiseWithResolvers<undefined>[] = [];
  #isRunning = false;

  constructor(private readonly options: GroupCommitOptions) {}

  /**
   * Waits until no transaction of this id is undecided or still being made visible, whether an earlier process began it or this one. Only
   * a writer that was opened anew knows that: the broker acknowledges a commit before all partitions show it. Whoever reads offsets and
   * changelogs back must wait for this first.
   */
  async settle(): Promise<void> {
    const settled = Promise.withResolvers<undefined>();
    this.#settling.push(settled);
    this.#work();
    await settled.promise;
  }

  /** @throws what the broker said */
  async commit(commit: Commit): Promise<void> {
    const settle = Promise.withResolvers<undefined>();
    this.#waiting.push({ ...commit, settle });
    this.#work();
    await settle.promise;
  }

  /** To be called when nobody commits any more. */
  async close(): Promise<void> {
    const writer = this.#writer;
    this.#writer = undefined;
    await writer?.close();
  }

  #work(): void {
    if (!this.#isRunning) void this.#run();
  }

  async #run(): Promise<void> {
    this.#isRunning = true;
    while (this.#settling.length > 0 || this.#waiting.length > 0) {
      if (this.#settling.length > 0) {
        await this.#settleTogether(this.#settling.splice(0));
      } else {
        if (this.options.lingerMs > 0) await sleep(timers, this.options.lingerMs);
        await this.#commitTogether(this.#take());
      }
      const isIdle = this.#settling.length === 0 && this.#waiting.length === 0;
      if (isIdle && !this.options.keepsWriter) await this.close();
    }
    this.#isRunning = false;
  }

  #take(): readonly WaitingCommit[] {
    let count = 0;
    let records = 0;
    while (count < this.#waiting.length && (count === 0 || records < this.options.recordsMax)) {
      records += countRecords(this.#waiting[count++]?.records ?? []);
    }
    return this.#waiting.splice(0, count);
  }

  async #settleTogether(settling: readonly PromiseWithResolvers<undefined>[]): Promise<void> {
    try {
      if (this.#hasWritten) await this.close();
      await this.#open();
      for (const { resolve } of settling) resolve(undefined);
    } catch (error) {
      for (const { reject } of settling) reject(error);
    }
  }

  async #commitTogether(commits: readonly WaitingCommit[]): Promise<void> {
    try {
      const writer = await this.#open();
      this.#hasWritten = true;
      await writer.commit(
        commits.flatMap(({ records }) => records),
        commits.map(({ consumed }) => consumed),
        async (refused) => {
          const replacing = [...byCommit(commits, refused)].map(([commit, records]) => commit.onRefused(records));
          return (await Promise.all(replacing)).flat();
        },
      );
      for (const { settle } of commits) settle.resolve(undefined);
    } catch (error) {
      await this.close();
      for (const { settle } of commits) settle.reject(error);
    }
  }

  async #open(): Promise<TransactionalWriter> {
    if (this.#writer !== undefined) return this.#writer;
    const writer = await this.options.broker.openWriter(this.options.transactionalId);
    this.#writer = writer;
    this.#hasWritten = false;
    return writer;
  }
}

/** Refused records by the commit that they are of; they bear the number of what was written in all commits together. */
function byCommit(
  commits: readonly Commit[],
  refused: readonly RefusedRecord[],
): ReadonlyMap<Commit, readonly RefusedRecord[]> {
  const owners = commits.flatMap((commit) => commit.records.map(() => commit));
  const found = new Map<Commit, RefusedRecord[]>();
  for (const record of refused) {
    const owner = owners[record.entry];
    if (owner === undefined) continue;
    const records = found.get(owner) ?? [];
    found.set(owner, records);
    records.push(record);
  }
  return found;
}
