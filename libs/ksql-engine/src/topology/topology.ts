import type { FetchedRecords } from '../ports/record-columns.js';
import type { Row } from '../types/sql-value.js';
import type { StoreChange } from '../state/store.js';

/** A result row of a transient (push) query. `tombstone`: a deletion of a table's row. */
export interface ResultRow {
  readonly key: Row | null;
  readonly value: Row | null;
  readonly timestamp: number;
  readonly windowStart: number;
  readonly windowEnd: number;
  readonly tombstone: boolean;
}

/** Rows of a table as pull queries see them. */
export interface StoredRows {
  /** All live entries: rows of the store's own schema. */
  entries(): Iterable<StoredRow>;
  /** The live entries of one key: at most one, or one per window. */
  find(key: Row): Iterable<StoredRow>;
}

/** A named store of a topology, as changelogs, restores and pull queries see it. */
export interface TopologyStore extends StoredRows {
  /** `Aggregate-Aggregate-Materialize`, `KafkaTopic_Right-Reduce`… unique within the query. */
  readonly name: string;
  /** False for a table source's store: its source topic is its changelog. */
  readonly hasChangelog: boolean;
  /** Changes since the last call, one per key (the newest). */
  takeChanges(): readonly StoreChange[];
  /** Applies a change read from the changelog; not reported by `takeChanges`. */
  restore(change: StoreChange): void;
  /** Bytes of a change for the changelog topic, and back. Internal layout, versioned by a first byte. */
  encode(change: StoreChange): { readonly key: Uint8Array; readonly value: Uint8Array | null };
  decode(key: Uint8Array, value: Uint8Array | null): StoreChange;
  readonly size: number;
}
export interface StoredRow {
  readonly keyRow: Row;
  readonly value: Row;
  readonly timestamp: number;
  readonly windowStart: number;
  readonly windowEnd: number;
}

/** A running query's operators, wired. Single-threaded, synchronous, without I/O: `runtime/` moves the bytes. */
export interface Topology {
  readonly sources: readonly {
    readonly topic: string;
    readonly sourceName: string;
    /** Table sources must be read before streams are joined with them. */
    readonly isTable: boolean;
    /** Takes the records from number `from` to `to`, which is not taken; all when not told. */
    push(records: FetchedRecords, from?: number, to?: number): void;
  }[];
  readonly stores: readonly TopologyStore[];
  /** The store that holds the query's result table, when it is one: what pull queries read. */
  readonly resultStore: TopologyStore | undefined;
  /** Whether results depend on stream time: what is late is left out, what is over is closed. */
  readonly hasStreamTime: boolean;
  /** How many rows one record may become now, of what joins and table functions have met: what is pushed at once is measured by it. */
  rowsOfRecordMax(): number;
  /**
   * Operator state outside stores that a restart needs (stream time), as JSON text, and its restoration.
   */
  snapshot(): string;
  restoreSnapshot(text: string): void;
}
