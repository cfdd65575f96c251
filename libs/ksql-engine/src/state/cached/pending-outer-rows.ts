import type { Row } from '../../types/sql-value.js';
import { MemoryPendingOuterRows } from '../memory/pending-outer-rows.js';
import type { StateBackend, StateTable } from '../state-backend.js';
import { storeKey } from '../store-key.js';
import type { PendingOuterRows, PendingRows, StoreChange, WindowedEntry } from '../store.js';
import type { CachedStore, StoreClock } from './cached-store.js';
import { decodeWindow, encodeWindow, heapBytes, KeyBytes } from './row-bytes.js';

/**
 * Rows that wait for a partner, all in memory and in a backend too: each is looked for in order of time with nearly every record, and none
 * stays longer than a window and its grace.
 */
export class CachedPendingOuterRows implements PendingOuterRows, CachedStore {
  readonly #rows = new MemoryPendingOuterRows();
  readonly #table: StateTable;
  readonly #keys = new KeyBytes();
  /** The places that the backend has, with the batch under way. */
  readonly #stored = new Set<string>();
  #taken: StoreChange[] = [];
  #committed = new Map<string, StoreChange>();
  #batch = new Map<string, StoreChange>();
  #unwrittenBytes = 0;

  constructor(
    private readonly backend: StateBackend,
    name: string,
  ) {
    this.#table = backend.table(name, 0);
    for (const { value: bytes } of backend.scan(this.#table)) {
      const { keyRow, windowStart, windowEnd, value, timestamp } = decodeWindow(bytes);
      const change = { key: storeKey(keyRow), keyRow, windowStart, windowEnd, entry: { value, timestamp } };
      this.#stored.add(placeOf(change));
      this.#rows.restore(change);
    }
  }

  get size(): number {
    return this.#rows.size;
  }

  add(key: string, keyRow: Row, value: Row, timestamp: number, isLeft: boolean): void {
    this.#rows.add(key, keyRow, value, timestamp, isLeft);
  }

  delete(key: string, timestamp: number, isLeft: boolean): void {
    this.#rows.delete(key, timestamp, isLeft);
  }

  before(leftLimitMs: number, rightLimitMs: number): IterableIterator<PendingRows> {
    return this.#rows.before(leftLimitMs, rightLimitMs);
  }

  all(): IterableIterator<WindowedEntry> {
    return this.#rows.all();
  }

  takeChanges(): readonly StoreChange[] {
    const changes = this.#rows.takeChanges();
    this.#taken.push(...changes);
    return changes;
  }

  restore(change: StoreChange): void {
    this.#rows.restore(change);
    this.#commit(change);
  }

  committed(): void {
    for (const change of this.#taken) this.#commit(change);
    this.#taken = [];
  }

  get unwrittenBytes(): number {
    return this.#unwrittenBytes;
  }

  freeze(): StoreClock {
    this.#batch = this.#committed;
    this.#committed = new Map();
    this.#unwrittenBytes = 0;
    return { observedMs: -1, sequence: 0 };
  }

  *write(backend: StateBackend): Generator<void> {
    for (const [place, change] of this.#batch) {
      const { key, keyRow, windowStart, windowEnd, entry } = change;
      const bytes = this.#keys.prefixThenTimes(key, windowStart, windowEnd);
      const isStored = this.#stored.has(place);
      if (entry !== null) {
        backend.put(
          this.#table,
          bytes,
          encodeWindow(windowStart, windowEnd, keyRow, entry.value, entry.timestamp),
          !isStored,
        );
        this.#stored.add(place);
      } else if (isStored) {
        backend.remove(this.#table, bytes);
        this.#stored.delete(place);
      }
      yield;
    }
  }

  written(): void {
    this.#batch = new Map();
  }

  notWritten(): void {
    const newer = this.#committed;
    this.#committed = this.#batch;
    this.#batch = new Map();
    for (const change of newer.values()) this.#commit(change);
    this.#stored.clear();
    for (const { value: bytes } of this.backend.scan(this.#table)) {
      const { keyRow, windowStart, windowEnd } = decodeWindow(bytes);
      this.#stored.add(placeOf({ key: storeKey(keyRow), windowStart, windowEnd }));
    }
  }

  rotate(): void {}

  #commit(change: StoreChange): void {
    this.#committed.set(placeOf(change), change);
    this.#unwrittenBytes += heapBytes(change.key, change.keyRow, change.entry?.value ?? []);
  }
}

function placeOf({ key, windowStart, windowEnd }: Pick<StoreChange, 'key' | 'windowStart' | 'windowEnd'>): string {
  return `${windowStart}/${windowEnd}/${key}`;
}
