import type { Row } from '../../types/sql-value.js';
import { Segments } from '../segments.js';
import type { StateBackend, StateTable, StoreProgress } from '../state-backend.js';
import { storeKey } from '../store-key.js';
import type { StoreChange, WindowedEntry, WindowStore } from '../store.js';
import type { CacheBudget } from './cache-budget.js';
import { CachedRow, changeOf, entryIn } from './cached-row.js';
import type { CachedStore, StoreClock } from './cached-store.js';
import { ExpiredSegments } from './expired-segments.js';
import { Generations } from './generations.js';
import { afterPrefix, decodeWindow, encodeWindow, KeyBytes, timeAt } from './row-bytes.js';
import { RowJournal } from './row-journal.js';
import { Versions } from './versions.js';

/** The windows that begin at one time. */
interface Start {
  readonly segment: number;
  readonly table: StateTable;
  readonly rows: Generations<CachedRow>;
}

/**
 * Windows by start, then by key, a table per segment. Starts are multiples of an advance, so there are few of them at a time, and all are
 * known: of a window that begins when none was stored the backend is not asked.
 */
export class CachedWindowStore implements WindowStore, CachedStore {
  readonly #starts = new Map<number, Start>();
  readonly #segments: Segments;
  readonly #liveBySegment = new Map<number, number>();
  readonly #expired = new ExpiredSegments();
  readonly #keys = new KeyBytes();
  readonly #observed = new Versions(-1);
  readonly #journal = new RowJournal({
    tableOf: ({ windowStart }) => this.#starts.get(windowStart)?.table,
    keyOf: ({ key, windowStart }) => this.#keys.timeThenText(windowStart, key),
    encode: ({ windowStart, windowEnd, keyRow, entry }) =>
      encodeWindow(windowStart, windowEnd, keyRow, entry?.value ?? [], entry?.timestamp ?? 0),
  });
  #live = 0;

  constructor(
    private readonly backend: StateBackend,
    private readonly name: string,
    private readonly budget: CacheBudget,
    retentionMs: number,
    progress: StoreProgress | undefined,
  ) {
    this.#segments = new Segments(retentionMs);
    this.#segments.advance(progress?.observedMs ?? -1);
    this.#observed.restore(this.#segments.observedMs);
    for (const table of backend.tables) if (table.store === name) this.#open(table);
  }

  get size(): number {
    return this.#live;
  }

  get(key: string, windowStart: number): WindowedEntry | undefined {
    const start = this.#starts.get(windowStart);
    return start && entryIn(this.#rowOf(start, windowStart, key));
  }

  put(entry: WindowedEntry): void {
    if (this.#segments.advance(entry.windowStart)) this.#expire();
    if (this.#segments.isLive(entry.windowStart)) this.#journal.mark(this.#set(entry));
  }

  update(entry: WindowedEntry, value: Row, timestamp: number): void {
    const row = entry as unknown as CachedRow;
    row.value = value;
    row.timestamp = timestamp;
    this.#journal.mark(row);
  }

  delete(key: string, windowStart: number): void {
    const start = this.#starts.get(windowStart);
    const row = start && this.#rowOf(start, windowStart, key);
    if (row === undefined || row.value === null) return;
    row.value = null;
    this.#count(windowStart, -1);
    this.#journal.mark(row);
  }

  fetch(key: string, from: number, to: number): readonly WindowedEntry[] {
    const found: WindowedEntry[] = [];
    for (const start of this.#startsWithin(from, to)) {
      if (!this.#segments.isRetained(start)) continue;
      const entry = this.get(key, start);
      if (entry !== undefined) found.push(entry);
    }
    return found;
  }

  fetchAll(from: number, to: number): readonly WindowedEntry[] {
    const found: WindowedEntry[] = [];
    for (const start of this.#startsWithin(from, to)) {
      if (!this.#segments.isFinalizable(start)) continue;
      for (const entry of this.#entriesOf(start)) found.push(entry);
    }
    return found;
  }

  *all(): IterableIterator<WindowedEntry> {
    for (const start of this.#startsWithin(-Infinity, Infinity)) {
      if (this.#segments.isRetained(start)) yield* this.#entriesOf(start);
    }
  }

  takeChanges(): readonly StoreChange[] {
    const changes = this.#journal.take();
    this.#expired.take(changes);
    this.#observed.take(this.#segments.observedMs);
    return changes;
  }

  restore(change: StoreChange): void {
    const { key, keyRow, windowStart, windowEnd, entry } = change;
    if (entry !== null && this.#segments.advance(windowStart)) this.#expire();
    this.#observed.restore(this.#segments.observedMs);
    if (!this.#segments.isLive(windowStart)) return;
    if (entry !== null) {
      this.#journal.addCommitted(this.#set({ key, keyRow, windowStart, windowEnd, ...entry }), change);
      return;
    }
    const start = this.#starts.get(windowStart);
    const row = start && this.#rowOf(start, windowStart, key);
    if (row === undefined) return;
    if (row.value !== null) this.#count(windowStart, -1);
    row.value = null;
    this.#journal.addCommitted(row, change);
  }

  committed(): void {
    this.#journal.committed();
    this.#expired.committed();
    this.#observed.committed();
  }

  get unwrittenBytes(): number {
    return this.#journal.unwrittenBytes;
  }

  freeze(): StoreClock {
    this.#journal.freeze();
    this.#expired.freeze();
    return { observedMs: this.#observed.committedValue, sequence: 0 };
  }

  *write(backend: StateBackend): Generator<void> {
    yield* this.#journal.write(backend);
    this.#expired.write(backend);
  }

  written(): void {
    this.#journal.written();
    this.#expired.written();
  }

  notWritten(): void {
    this.#journal.notWritten();
    this.#expired.notWritten();
  }

  rotate(): void {
    for (const { rows } of this.#starts.values()) rows.rotate();
  }

  #open(table: StateTable): void {
    if (table.segment < this.#segments.minLiveSegment) {
      this.#expired.add(table, this.#tombstones(table, []));
      return;
    }
    this.#liveBySegment.set(table.segment, table.rows);
    this.#live += table.rows;
    let from: Uint8Array | undefined = new Uint8Array();
    while (from !== undefined) {
      const [first] = this.backend.scan(table, from);
      if (first === undefined) return;
      const start = timeAt(first.key, 0);
      const rows = new Generations<CachedRow>(this.budget, false);
      this.#starts.set(start, { segment: table.segment, table, rows });
      from = afterPrefix(first.key.subarray(0, 8));
    }
  }

  #set({ key, keyRow, windowStart, windowEnd, value, timestamp }: WindowedEntry): CachedRow {
    let start = this.#starts.get(windowStart);
    if (start === undefined) {
      const segment = this.#segments.segmentOf(windowStart);
      const rows = new Generations<CachedRow>(this.budget, true);
      start = { segment, table: this.backend.table(this.name, segment), rows };
      this.#starts.set(windowStart, start);
    }
    let row = this.#rowOf(start, windowStart, key);
    if (row === undefined) {
      row = new CachedRow(key, keyRow, windowStart, windowEnd, value, timestamp, false);
      start.rows.set(key, row);
      this.#count(windowStart, 1);
      return row;
    }
    if (row.value === null) {
      this.#count(windowStart, 1);
      row.keyRow = keyRow;
      row.windowEnd = windowEnd;
    }
    row.value = value;
    row.timestamp = timestamp;
    return row;
  }

  #rowOf(start: Start, windowStart: number, key: string): CachedRow | undefined {
    const cached = start.rows.get(key);
    if (cached !== undefined || start.rows.isComplete) return cached;
    const bytes = this.backend.get(start.table, this.#keys.timeThenText(windowStart, key));
    let row: CachedRow;
    if (bytes === undefined) row = new CachedRow(key, [], windowStart, -1, null, 0, false);
    else {
      const { windowEnd, keyRow, value, timestamp } = decodeWindow(bytes);
      row = new CachedRow(key, keyRow, windowStart, windowEnd, value, timestamp, true);
    }
    start.rows.set(key, row);
    return row;
  }

  #count(windowStart: number, difference: number): void {
    const segment = this.#segments.segmentOf(windowStart);
    this.#liveBySegment.set(segment, (this.#liveBySegment.get(segment) ?? 0) + difference);
    this.#live += difference;
  }

  *#entriesOf(windowStart: number): Generator<WindowedEntry> {
    const start = this.#starts.get(windowStart);
    if (start === undefined) return;
    const pinned = [...start.rows.units()].filter((row) => row.isPinned);
    const keys = new Set(pinned.map(({ key }) => key));
    const from = Uint8Array.from(this.#keys.time(windowStart));
    for (const { value: bytes } of this.backend.scan(start.table, from, afterPrefix(from))) {
      const entry = decodeWindow(bytes);
      const key = storeKey(entry.keyRow);
      if (!keys.has(key)) yield { key, ...entry };
    }
    for (const row of pinned) if (row.value !== null) yield row as WindowedEntry;
  }

  #startsWithin(from: number, to: number): number[] {
    const starts: number[] = [];
    for (const start of this.#starts.keys()) if (start >= from && start <= to) starts.push(start);
    return starts.sort((a, b) => a - b);
  }

  /** Whole segments go at once, dirty rows, which the journal tells of, included. */
  #expire(): void {
    const expired = new Map<StateTable, CachedRow[]>();
    for (const [windowStart, { segment, table, rows }] of this.#starts) {
      if (this.#segments.isLive(windowStart)) continue;
      this.#starts.delete(windowStart);
      this.#live -= this.#liveBySegment.get(segment) ?? 0;
      this.#liveBySegment.delete(segment);
      const known = expired.get(table) ?? [];
      for (const row of rows.units()) if (row.isPinned) known.push(row);
      expired.set(table, known);
    }
    for (const [table, known] of expired) this.#expired.add(table, this.#tombstones(table, known));
  }

  /** `known`: what the cache knows better than the backend; of dirty ones the journal tells. */
  #tombstones(table: StateTable, known: readonly CachedRow[]): Generator<StoreChange> {
    const told = new Set(known.map((row) => `${row.windowStart}/${row.key}`));
    const changes = known.filter((row) => !row.isDirty && row.value !== null).map((row) => changeOf(row, null));
    return this.#tombstonesOf(table, changes, told);
  }

  *#tombstonesOf(
    table: StateTable,
    changes: readonly StoreChange[],
    told: ReadonlySet<string>,
  ): Generator<StoreChange> {
    yield* changes;
    for (const { value: bytes } of this.backend.scan(table)) {
      const { keyRow, windowStart, windowEnd } = decodeWindow(bytes);
      const key = storeKey(keyRow);
      if (!told.has(`${windowStart}/${key}`)) yield { key, keyRow, windowStart, windowEnd, entry: null };
    }
  }
}
