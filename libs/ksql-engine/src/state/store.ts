import type { Row } from '../types/sql-value.js';

/** A stored row with the event time of its newest change. */
export interface Timestamped {
  readonly value: Row;
  readonly timestamp: number;
}

/**
 * State of one operator. Keys are strings made by `state/store-key.ts` (an injective text of the key columns), so that Map
 * equality is SQL equality. A store never forgets what it is told until told so (`delete`, `expire`).
 */
export interface KeyValueStore {
  get(key: string): Timestamped | undefined;
  put(key: string, keyRow: Row, entry: Timestamped): void;
  delete(key: string): void;
  entries(): IterableIterator<readonly [keyText: string, keyRow: Row, entry: Timestamped]>;
  readonly size: number;
}

export interface WindowedEntry extends Timestamped {
  readonly key: string;
  readonly keyRow: Row;
  readonly windowStart: number;
  readonly windowEnd: number;
}

/** Windows by key and start. Expiry is by segment as in Kafka Streams, relative to the greatest time ever put. */
export interface WindowStore {
  get(key: string, windowStart: number): WindowedEntry | undefined;
  put(entry: WindowedEntry): void;
  delete(key: string, windowStart: number, windowEnd: number): void;
  /** Entries of one key with windowStart in [from, to], ascending. */
  fetch(key: string, from: number, to: number): readonly WindowedEntry[];
  all(): IterableIterator<WindowedEntry>;
  /** Drops entries whose windowEnd is before this time. */
  expireBefore(timeMs: number): void;
  readonly size: number;
}

/** A change to a store as the changelog sees it; `entry` null is a deletion. */
export interface StoreChange {
  readonly key: string;
  readonly keyRow: Row;
  readonly windowStart: number;
  readonly windowEnd: number;
  readonly entry: Timestamped | null;
}
