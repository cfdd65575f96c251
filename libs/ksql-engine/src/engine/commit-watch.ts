import type { WriteBatch } from '../ports/broker.js';
import type { StoredRows, Topology } from '../topology/topology.js';
import type { Row } from '../types/sql-value.js';

/** Hears of what a query commits. */
export interface CommitTap {
  onCommitted(records: WriteBatch): void;
  /** Nothing more will come. `reason`: why, where the query has not ended. */
  onEnd(reason?: string): void;
}

/** A look at what a query has committed, taken without waiting. */
interface Look {
  take(store: StoredRows | undefined): void;
  fail(): void;
}

/**
 * Knows when everything that a query's stores hold is committed, and tells of what was. It stands between the query and its topology,
 * so that neither has to know of those who look on.
 */
export class CommitWatch {
  readonly #topologies: Topology[] = [];
  #store: StoredRows | undefined;
  #isSettled = true;
  #looks: Look[] = [];
  readonly #taps = new Set<CommitTap>();

  /** The query starts, with new tasks. */
  begin(): void {
    this.abandon();
    this.#isSettled = true;
  }

  /** Another task of the query: what it pushes into this topology is unsettled until its writer commits. */
  topology(topology: Topology): Topology {
    this.#topologies.push(topology);
    this.#store = rowsOfAll(this.#topologies);
    const sources = topology.sources.map((source): Topology['sources'][number] => ({
      ...source,
      push: (records, from, to) => {
        this.#isSettled = false;
        source.push(records, from, to);
      },
    }));
    return { ...topology, sources };
  }

  /** Right behind a commit, before anything else is pushed. */
  committed(records: WriteBatch): void {
    this.#isSettled = true;
    for (const tap of this.#taps) tap.onCommitted(records);
    const looks = this.#looks;
    this.#looks = [];
    for (const look of looks) look.take(this.#store);
  }

  /** The stores are gone; nobody will see what was not committed. */
  abandon(): void {
    this.#topologies.length = 0;
    this.#store = undefined;
    const looks = this.#looks;
    this.#looks = [];
    for (const look of looks) look.fail();
  }

  /**
   * Gives what `look` finds in the result store while all of it is committed: at once, or right behind the next commit. `look` must not
   * keep the store. It sees undefined when the query has no store to look into; a failure of the query while it waits looks like that too.
   */
  look<T>(look: (store: StoredRows | undefined) => T): Promise<T> {
    return new Promise((resolve, reject) => {
      const take = (store: StoredRows | undefined): void => {
        try {
          resolve(look(store));
        } catch (error) {
          reject(error as Error);
        }
      };
      if (this.#isSettled || this.#store === undefined) take(this.#store);
      else this.#looks.push({ take, fail: () => take(undefined) });
    });
  }

  /** Tells of every record that the query commits from now on. @returns the way to end that */
  tap(tap: CommitTap): () => void {
    this.#taps.add(tap);
    return () => this.#taps.delete(tap);
  }

  /** The query has ended for good. */
  end(): void {
    this.abandon();
    const taps = [...this.#taps];
    this.#taps.clear();
    for (const tap of taps) tap.onEnd();
  }
}

/** The result table of a query's tasks: each has rows of its own. Undefined when the query has none. */
function rowsOfAll(topologies: readonly Topology[]): StoredRows | undefined {
  const stores = topologies.flatMap(({ resultStore }) => resultStore ?? []);
  if (stores.length < 2) return stores[0];
  return {
    *entries() {
      for (const store of stores) yield* store.entries();
    },
    *find(key: Row) {
      for (const store of stores) yield* store.find(key);
    },
  };
}
