import { Segments } from '../segments.js';
import type { StateBackend, StateTable, StoreProgress } from '../state-backend.js';
import { storeKey } from '../store-key.js';
import type { SessionStore, StoreChange, WindowedEntry } from '../store.js';
import type { CacheBudget } from './cache-budget.js';
import { CachedRow, changeOf, entryIn } from './cached-row.js';
import type { CachedStore, StoreClock } from './cached-store.js';
import { ExpiredSegments } from './expired-segments.js';
import { Generations, type CacheUnit } from './generations.js';
import { afterPrefix, decodeWindow, encodeWindow, KeyBytes } from './row-bytes.js';
import { RowJournal } from './row-journal.js';
import { Versions } from './versions.js';

/** The live sessions of one key, ascending; deleted ones too, until that is stored. */
class KeySessions implements CacheUnit {
  readonly rows: CachedRow[] = [];

  get bytes(): number {
    let bytes = 150;
    for (const row of this.rows) bytes += row.bytes;
    return bytes;
  }

  get isPinned(): boolean {
    return this.rows.some((row) => row.isPinned);
  }

  add(row: CachedRow): void {
    let at = this.rows.length;
    while (at > 0 && (this.rows[at - 1] as CachedRow).windowStart > row.windowStart) at--;
    this.rows.splice(at, 0, row);
  }
}

/** Sessions by key, a table per segment of their ends. A key's sessions come into the cache and leave it together. */
export class CachedSessionStore implements SessionStore, CachedStore {
  readonly #keysSessions: Generations<KeySessions>;
  readonly #segments: Segments;
  /** Those that are not expired, with the sessions in them. */
  readonly #tables = new Map<number, { readonly table: StateTable; live: number }>();
  readonly #expired = new ExpiredSegments();
  readonly #keys = new KeyBytes();
  readonly #observed = new Versions(-1);
  readonly #journal = new RowJournal({
    tableOf: ({ windowEnd }) => this.#tables.get(this.#segments.segmentOf(windowEnd))?.table,
    keyOf: ({ key, windowStart, windowEnd }) => this.#keys.prefixThenTimes(key, windowStart, windowEnd),
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
    this.#keysSessions = new Generations(budget, this.#live === 0);
  }

  get size(): number {
    return this.#live;
  }

  get(key: string, windowStart: number, windowEnd: number): WindowedEntry | undefined {
    return entryIn(this.#rowOf(key, windowStart, windowEnd));
  }

  find(key: string, earliestEnd: number, latestStart: number): readonly WindowedEntry[] {
    const found: WindowedEntry[] = [];
    for (const row of this.#sessionsOf(key)?.rows ?? []) {
      if (row.value === null || !this.#segments.isRetained(row.windowEnd)) continue;
      if (row.windowEnd >= earliestEnd && row.windowStart <= latestStart) found.push(row as WindowedEntry);
    }
    return found;
  }

  put(entry: WindowedEntry): void {
    if (this.#segments.advance(entry.windowEnd)) this.#expire();
    if (this.#segments.isLive(entry.windowEnd)) this.#journal.mark(this.#set(entry));
  }

  delete(key: string, windowStart: number, windowEnd: number): void {
    const row = this.#rowOf(key, windowStart, windowEnd);
    if (row === undefined || row.value === null) return;
    this.#clear(row);
    this.#journal.mark(row);
  }

  *all(): IterableIterator<WindowedEntry> {
    const pinned: CachedRow[] = [];
    for (const { rows } of this.#keysSessions.units()) for (const row of rows) if (row.isPinned) pinned.push(row);
    const places = new Set(pinned.map(placeOf));
    for (const { table } of [...this.#tables.values()]) {
      for (const { value: bytes } of this.backend.scan(table)) {
        const entry = { key: '', ...decodeWindow(bytes) };
        entry.key = storeKey(entry.keyRow);
        if (!places.has(placeOf(entry)) && this.#segments.isRetained(entry.windowEnd)) yield entry;
      }
    }
    for (const row of pinned) {
      if (row.value !== null && this.#segments.isRetained(row.windowEnd)) yield row as WindowedEntry;
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
    if (entry !== null && this.#segments.advance(windowEnd)) this.#expire();
    this.#observed.restore(this.#segments.observedMs);
    if (!this.#segments.isLive(windowEnd)) return;
    if (entry !== null) {
      this.#journal.addCommitted(this.#set({ key, keyRow, windowStart, windowEnd, ...entry }), change);
      return;
    }
    const row = this.#rowOf(key, windowStart, windowEnd);
    if (row === undefined) return;
    if (row.value !== null) this.#clear(row);
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
    this.#journal.written((row) => {
      const rows = this.#keysSessions.peek(row.key)?.rows;
      const at = rows?.indexOf(row) ?? -1;
      if (at !== -1) rows?.splice(at, 1);
    });
    this.#expired.written();
  }

  notWritten(): void {
    this.#journal.notWritten();
    this.#expired.notWritten();
  }

  rotate(): void {
    this.#keysSessions.rotate();
  }

  #open(table: StateTable): void {
    if (table.segment < this.#segments.minLiveSegment) this.#expired.add(table, this.#tombstones(table, []));
    else {
      this.#tables.set(table.segment, { table, live: table.rows });
      this.#live += table.rows;
    }
  }

  #set({ key, keyRow, windowStart, windowEnd, value, timestamp }: WindowedEntry): CachedRow {
    const segment = this.#segments.segmentOf(windowEnd);
    let place = this.#tables.get(segment);
    if (place === undefined) {
      place = { table: this.backend.table(this.name, segment), live: 0 };
      this.#tables.set(segment, place);
    }
    let row = this.#rowOf(key, windowStart, windowEnd);
    if (row !== undefined) {
      if (row.value === null) {
        place.live++;
        this.#live++;
      }
      row.value = value;
      row.timestamp = timestamp;
      return row;
    }
    let sessions = this.#keysSessions.get(key);
    if (sessions === undefined) {
      sessions = new KeySessions();
      this.#keysSessions.set(key, sessions);
    }
    row = new CachedRow(key, keyRow, windowStart, windowEnd, value, timestamp, false);
    sessions.add(row);
    this.budget.add(row.bytes);
    place.live++;
    this.#live++;
    return row;
  }

  #clear(row: CachedRow): void {
    row.value = null;
    this.#live--;
    const place = this.#tables.get(this.#segments.segmentOf(row.windowEnd));
    if (place !== undefined) place.live--;
  }

  #rowOf(key: string, windowStart: number, windowEnd: number): CachedRow | undefined {
    return this.#sessionsOf(key)?.rows.find((row) => row.windowStart === windowStart && row.windowEnd === windowEnd);
  }

  #sessionsOf(key: string): KeySessions | undefined {
    const cached = this.#keysSessions.get(key);
    if (cached !== undefined || this.#keysSessions.isComplete) return cached;
    const sessions = new KeySessions();
    const prefix = Uint8Array.from(this.#keys.prefix(key));
    for (const { table } of this.#tables.values()) {
      for (const { value: bytes } of this.backend.scan(table, prefix, afterPrefix(prefix))) {
        const { keyRow, windowStart, windowEnd, value, timestamp } = decodeWindow(bytes);
        sessions.add(new CachedRow(key, keyRow, windowStart, windowEnd, value, timestamp, true));
      }
    }
    this.#keysSessions.set(key, sessions);
    return sessions;
  }

  #expire(): void {
    const expired = new Map<number, CachedRow[]>();
    for (const [segment, { live }] of this.#tables) {
      if (segment >= this.#segments.minLiveSegment) continue;
      expired.set(segment, []);
      this.#live -= live;
    }
    if (expired.size === 0) return;
    for (const sessions of this.#keysSessions.units()) {
      for (const row of [...sessions.rows]) {
        const known = expired.get(this.#segments.segmentOf(row.windowEnd));
        if (known === undefined) continue;
        sessions.rows.splice(sessions.rows.indexOf(row), 1);
        if (row.isPinned) known.push(row);
      }
    }
    for (const [segment, known] of expired) {
      const place = this.#tables.get(segment);
      this.#tables.delete(segment);
      if (place !== undefined) this.#expired.add(place.table, this.#tombstones(place.table, known));
    }
  }

  /** `known`: what the cache knows better than the backend; of dirty ones the journal tells. */
  #tombstones(table: StateTable, known: readonly CachedRow[]): Generator<StoreChange> {
    const told = new Set(known.map((row) => placeOf(row)));
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
      const change = { key: storeKey(keyRow), keyRow, windowStart, windowEnd, entry: null };
      if (!told.has(placeOf(change))) yield change;
    }
  }
}

function placeOf({ key, windowStart, windowEnd }: Pick<StoreChange, 'key' | 'windowStart' | 'windowEnd'>): string {
  return `${windowStart}/${windowEnd}/${key}`;
}
