import { countRecords, type Broker } from '../ports/broker.js';
import { GroupCommit, type Commit } from './group-commit.js';

/** As long as Kafka's own producers wait for more. */
const LINGER_MS = 5;
/** A commit of more records than this would hold up those that are small. */
const SMALL_RECORDS = 1_000;
const BULK_RECORDS_MAX = 100_000;

/**
 * How all queries of an engine commit: small commits together, the large ones of queries that catch up in transactions beside them, so
 * that these hold nobody up.
 */
export class Commits {
  readonly #small: GroupCommit;
  readonly #bulk: GroupCommit;

  constructor(broker: Broker, transactionalIdPrefix: string) {
    const group = (name: string, lingerMs: number, recordsMax: number) =>
      new GroupCommit({ broker, transactionalId: `${transactionalIdPrefix}-${name}`, lingerMs, recordsMax });
    this.#small = group('commits', LINGER_MS, BULK_RECORDS_MAX);
    this.#bulk = group('bulk-commits', 0, BULK_RECORDS_MAX);
  }

  /** To be awaited before a query reads its offsets and changelogs back. */
  async settle(): Promise<void> {
    await Promise.all([this.#small.settle(), this.#bulk.settle()]);
  }

  /** @throws what the broker said */
  commit(commit: Commit): Promise<void> {
    return (countRecords(commit.records) > SMALL_RECORDS ? this.#bulk : this.#small).commit(commit);
  }

  async close(): Promise<void> {
    await Promise.all([this.#small.close(), this.#bulk.close()]);
  }
}
