import { countRecords, type Broker } from '../ports/broker.js';
import { GroupCommit, type Commit, type GroupCommitOptions } from './group-commit.js';

/** As long as Kafka's own producers wait for more. */
const LINGER_MS = 5;
/** A commit of more records than this would hold up those that are small. */
const SMALL_RECORDS = 1_000;
const BULK_RECORDS_MAX = 100_000;

/** Commits that go alone do not wait for one that hangs, unless as many hang. */
const LANES_ALONE = 4;

const SMALL = 'commits';
const BULK = 'bulk-commits';
const aloneName = (lane: number): string => `commits-alone-${lane}`;

/**
 * How all queries of an engine commit: small commits together, the large ones of queries that catch up in transactions beside them, so
 * that these hold nobody up, and those of queries whose last commit failed each alone, so that one whose sink is gone fails no other.
 *
 * The transactional ids are few and always the same, so that whoever starts can end all that an earlier process left open under them.
 */
export class Commits {
  readonly #small: GroupCommit;
  readonly #bulk: GroupCommit;
  readonly #alone: readonly GroupCommit[];
  readonly #freeLanes: GroupCommit[];
  readonly #waitingForLane: ((lane: GroupCommit) => void)[] = [];

  /** All ids that transactions are written under. */
  static transactionalIds(prefix: string): readonly string[] {
    const alone = Array.from({ length: LANES_ALONE }, (_, lane) => aloneName(lane));
    return [SMALL, BULK, ...alone].map((name) => `${prefix}-${name}`);
  }

  constructor(broker: Pick<Broker, 'openWriter'>, transactionalIdPrefix: string) {
    const group = (name: string, more: Omit<GroupCommitOptions, 'broker' | 'transactionalId'>) =>
      new GroupCommit({ broker, transactionalId: `${transactionalIdPrefix}-${name}`, ...more });
    this.#small = group(SMALL, { lingerMs: LINGER_MS, recordsMax: BULK_RECORDS_MAX, keepsWriter: true });
    this.#bulk = group(BULK, { lingerMs: 0, recordsMax: BULK_RECORDS_MAX, keepsWriter: true });
    this.#alone = Array.from({ length: LANES_ALONE }, (_, lane) =>
      group(aloneName(lane), { lingerMs: 0, recordsMax: 0, keepsWriter: false }),
    );
    this.#freeLanes = [...this.#alone];
  }

  /** To be awaited before a query reads its offsets and changelogs back. */
  async settle(): Promise<void> {
    await Promise.all(this.#all.map((group) => group.settle()));
  }

  /** @throws what the broker said */
  commit(commit: Commit, how: { readonly isAlone: boolean }): Promise<void> {
    if (how.isAlone) return this.#commitAlone(commit);
    return (countRecords(commit.records) > SMALL_RECORDS ? this.#bulk : this.#small).commit(commit);
  }

  async close(): Promise<void> {
    await Promise.all(this.#all.map((group) => group.close()));
  }

  get #all(): readonly GroupCommit[] {
    return [this.#small, this.#bulk, ...this.#alone];
  }

  async #commitAlone(commit: Commit): Promise<void> {
    const lane = this.#freeLanes.pop() ?? (await new Promise<GroupCommit>((take) => this.#waitingForLane.push(take)));
    try {
      await lane.commit(commit);
    } finally {
      const next = this.#waitingForLane.shift();
      if (next === undefined) this.#freeLanes.push(lane);
      else next(lane);
    }
  }
}
