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
  /** What the key has now. It changes with the key, so what is wanted of it afterwards is taken out before. */
  get(key: string): Timestamped | undefined;
  put(key: string, keyRow: Row, value: Row, timestamp: number): void;
  /** The same as `put` for the key of an entry that `get` gave just now. */
  update(entry: Timestamped, value: Row, timestamp: number): void;
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
  /** What the window has now. It changes with the window, so what is wanted of it afterwards is taken out before. */
  get(key: string, windowStart: number): WindowedEntry | undefined;
  put(entry: WindowedEntry): void;
  /** The same as `put` for the window of an entry that `get` gave just now. */
  update(entry: WindowedEntry, value: Row, timestamp: number): void;
  delete(key: string, windowStart: number, windowEnd: number): void;
  /** Entries of one key with windowStart in [from, to], ascending. */
  fetch(key: string, from: number, to: number): readonly WindowedEntry[];
  /** Entries of all keys with windowStart in [from, to], ascending by start. */
  fetchAll(from: number, to: number): readonly WindowedEntry[];
  all(): IterableIterator<WindowedEntry>;
  readonly size: number;
}

/** Sessions by key; bounds inclusive, sessions of one key never overlap. Expiry by segment of the session's end. */
export interface SessionStore {
  get(key: string, windowStart: number, windowEnd: number): WindowedEntry | undefined;
  /** Sessions of one key that end at or after `earliestEnd` and start at or before `latestStart`, ascending. */
  find(key: string, earliestEnd: number, latestStart: number): readonly WindowedEntry[];
  put(entry: WindowedEntry): void;
  delete(key: string, windowStart: number, windowEnd: number): void;
  all(): IterableIterator<WindowedEntry>;
  readonly size: number;
}

/** A record that waits for partners in a stream-stream join. */
export interface BufferedRecord extends Timestamped {
  readonly key: string;
  readonly keyRow: Row;
  /** Tells records of one key and time apart; grows with arrival. */
  readonly sequence: number;
}

/** One side of a stream-stream join: every record by key and time, duplicates kept. */
export interface JoinBuffer {
  /** Ignored when the record's segment has expired already. */
  put(key: string, keyRow: Row, value: Row, timestamp: number): void;
  /** Records of one key with a timestamp in [from, to], ascending by time, then by arrival. */
  fetch(key: string, from: number, to: number): readonly BufferedRecord[];
  readonly size: number;
  /** At least as many as there are of any one key that was met since the start: so many rows may a record of the other side give. */
  readonly recordsOfKeyMax: number;
}

/** Rows of one key, time and side that have found no partner yet. */
export interface PendingRows {
  readonly key: string;
  readonly keyRow: Row;
  readonly timestamp: number;
  readonly isLeft: boolean;
  readonly values: readonly Row[];
}

/** What an outer stream-stream join holds back until windows close. */
export interface PendingOuterRows {
  add(key: string, keyRow: Row, value: Row, timestamp: number, isLeft: boolean): void;
  delete(key: string, timestamp: number, isLeft: boolean): void;
  /** Pending rows with a time below the limit of their side, ascending by time; those of one time in no order. */
  before(leftLimitMs: number, rightLimitMs: number): IterableIterator<PendingRows>;
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

/** What every store offers to changelogs, restores and scans, beside its own contract. */
export interface TrackedStore {
  /** Changes since the last call, one per key and window (the newest), in the order in which they began. */
  takeChanges(): readonly StoreChange[];
  /** Applies a change read from a changelog; not reported by `takeChanges`. */
  restore(change: StoreChange): void;
  all(): Iterable<WindowedEntry>;
  readonly size: number;
}
