import type { Row } from '../../types/sql-value.js';
import type { StateBackend, StateTable } from '../state-backend.js';
import { storeKey } from '../store-key.js';
import type { KeyValueStore, StoreChange, Timestamped, WindowedEntry } from '../store.js';
import type { CacheBudget } from './cache-budget.js';
import { CachedRow, entryIn } from './cached-row.js';
import type { CachedStore, StoreClock } from './cached-store.js';
import { Generations } from './generations.js';
import { decodeRow, encodeRow, KeyBytes } from './row-bytes.js';
import { RowJournal } from './row-journal.js';

/** Rows by key: those used lately in memory, all in one table of a backend. */
export class CachedKeyValueStore implements KeyValueStore, CachedStore {
  readonly #table: StateTable;
  readonly #rows: Generations<CachedRow>;
  readonly #keys = new KeyBytes();
  readonly #journal = new RowJournal({
    tableOf: () => this.#table,
    keyOf: ({ key }) => this.#keys.text(key),
    encode: ({ keyRow, entry }) => encodeRow(keyRow, entry?.value ?? [], entry?.timestamp ?? 0),
  });
  #live: number;

  constructor(
    private readonly backend: StateBackend,
    name: string,
    budget: CacheBudget,
  ) {
    this.#table = backend.table(name, 0);
    this.#live = this.#table.rows;
    this.#rows = new Generations(budget, this.#live === 0);
  }

  get size(): number {
    return this.#live;
  }

  get(key: string): Timestamped | undefined {
    return entryIn(this.#rows.get(key) ?? this.#load(key));
  }

  put(key: string, keyRow: Row, value: Row, timestamp: number): void {
    let row = this.#rows.get(key) ?? this.#load(key);
    if (row === undefined) {
      row = new CachedRow(key, keyRow, -1, -1, value, timestamp, false);
      this.#rows.set(key, row);
      this.#live++;
    } else {
      if (row.value === null) {
        this.#live++;
        row.keyRow = keyRow;
      }
      row.value = value;
      row.timestamp = timestamp;
    }
    this.#journal.mark(row);
  }

  update(entry: Timestamped, value: Row, timestamp: number): void {
    const row = entry as CachedRow;
    row.value = value;
    row.timestamp = timestamp;
    this.#journal.mark(row);
  }

  delete(key: string): void {
    const row = this.#rows.get(key) ?? this.#load(key);
    if (row === undefined || row.value === null) return;
    row.value = null;
    this.#live--;
    this.#journal.mark(row);
  }

  *entries(): IterableIterator<readonly [string, Row, Timestamped]> {
    for (const entry of this.all()) yield [entry.key, entry.keyRow, entry];
  }

  *all(): IterableIterator<WindowedEntry> {
    // What is pinned may be written meanwhile; told of at the end, it comes once whatever happens.
    const pinned = [...this.#rows.units()].filter((row) => row.isPinned);
    const keys = new Set(pinned.map(({ key }) => key));
    for (const { value: bytes } of this.backend.scan(this.#table)) {
      const { keyRow, value, timestamp } = decodeRow(bytes);
      const key = storeKey(keyRow);
      if (!keys.has(key)) yield { key, keyRow, value, timestamp, windowStart: -1, windowEnd: -1 };
    }
    for (const row of pinned) if (row.value !== null) yield row as WindowedEntry;
  }

  takeChanges(): readonly StoreChange[] {
    return this.#journal.take();
  }

  restore(change: StoreChange): void {
    const { key, keyRow, entry } = change;
    let row = this.#rows.get(key) ?? this.#load(key);
    if (row === undefined) {
      if (entry === null) return;
      row = new CachedRow(key, keyRow, -1, -1, null, 0, false);
      this.#rows.set(key, row);
    }
    this.#live += (entry === null ? 0 : 1) - (row.value === null ? 0 : 1);
    row.keyRow = keyRow;
    row.value = entry?.value ?? null;
    row.timestamp = entry?.timestamp ?? 0;
    this.#journal.addCommitted(row, change);
  }

  committed(): void {
    this.#journal.committed();
  }

  get unwrittenBytes(): number {
    return this.#journal.unwrittenBytes;
  }

  freeze(): StoreClock {
    this.#journal.freeze();
    return { observedMs: -1, sequence: 0 };
  }

  write(backend: StateBackend): Generator<void> {
    return this.#journal.write(backend);
  }

  written(): void {
    this.#journal.written();
  }

  notWritten(): void {
    this.#journal.notWritten();
  }

  rotate(): void {
    this.#rows.rotate();
  }

  #load(key: string): CachedRow | undefined {
    if (this.#rows.isComplete) return undefined;
    const bytes = this.backend.get(this.#table, this.#keys.text(key));
    let row: CachedRow;
    if (bytes === undefined) row = new CachedRow(key, [], -1, -1, null, 0, false);
    else {
      const { keyRow, value, timestamp } = decodeRow(bytes);
      row = new CachedRow(key, keyRow, -1, -1, value, timestamp, true);
    }
    this.#rows.set(key, row);
    return row;
  }
}
