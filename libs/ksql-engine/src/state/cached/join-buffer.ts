import type { Row } from '../../types/sql-value.js';
import { Segments } from '../segments.js';
import type { StateBackend, StateTable, StoreProgress } from '../state-backend.js';
import { storeKey } from '../store-key.js';
import type { BufferedRecord, JoinBuffer, StoreChange, WindowedEntry } from '../store.js';
import type { CacheBudget } from './cache-budget.js';
import type { CachedStore, StoreClock } from './cached-store.js';
import { ExpiredSegments } from './expired-segments.js';
import { Generations, type CacheUnit } from './generations.js';
import { afterPrefix, decodeWindow, encodeWindow, heapBytes, KeyBytes } from './row-bytes.js';
import { Versions } from './versions.js';

/** The records of one key and segment, ascending by time and arrival. */
class KeyRecords implements CacheUnit {
  readonly records: BufferedRecord[] = [];
  bytes = 150;
  /** Records that are not stored yet. */
  waiting = 0;

  get isPinned(): boolean {
    return this.waiting > 0;
  }

  /** Its bytes. */
  add(record: BufferedRecord): number {
    let at = this.records.length;
    while (at > 0 && isBefore(record, this.records[at - 1] as BufferedRecord)) at--;
    this.records.splice(at, 0, record);
    const bytes = heapBytes('', record.keyRow, record.value);
    this.bytes += bytes;
    return bytes;
  }
}

interface Segment {
  readonly number: number;
  readonly table: StateTable;
  readonly byKey: Generations<KeyRecords>;
  live: number;
  /** The most records of one key, of those that were met. */
  longest: number;
}

/** A record on its way to the backend. */
interface Waiting {
  readonly segment: Segment;
  readonly records: KeyRecords;
  readonly change: StoreChange;
}

/**
 * Records by segment and key, a table per segment. A record is only ever added, or goes with its segment, so its way to the backend needs
 * no journal of places: lists of what waits are enough.
 */
export class CachedJoinBuffer implements JoinBuffer, CachedStore {
  readonly #bySegment = new Map<number, Segment>();
  readonly #segments: Segments;
  readonly #expired = new ExpiredSegments();
  readonly #keys = new KeyBytes();
  readonly #clock: Versions<StoreClock>;
  #dirty: Waiting[] = [];
  #taken: Waiting[] = [];
  #committed: Waiting[] = [];
  #batch: Waiting[] = [];
  #nextSequence: number;
  #live = 0;
  #unwrittenBytes = 0;

  constructor(
    private readonly backend: StateBackend,
    private readonly name: string,
    private readonly budget: CacheBudget,
    retentionMs: number,
    progress: StoreProgress | undefined,
  ) {
    this.#segments = new Segments(retentionMs);
    this.#segments.advance(progress?.observedMs ?? -1);
    this.#nextSequence = progress?.sequence ?? 0;
    this.#clock = new Versions(this.#now());
    for (const table of backend.tables) if (table.store === name) this.#open(table);
  }

  get size(): number {
    return this.#live;
  }

  get recordsOfKeyMax(): number {
    let sum = 0;
    for (const { longest } of this.#bySegment.values()) sum += longest;
    return sum;
  }

  put(key: string, keyRow: Row, value: Row, timestamp: number): void {
    if (this.#segments.advance(timestamp)) this.#expire();
    if (!this.#segments.isLive(timestamp)) return;
    this.#dirty.push(this.#insert({ key, keyRow, value, timestamp, sequence: this.#nextSequence++ }));
  }

  fetch(key: string, from: number, to: number): readonly BufferedRecord[] {
    const first = Math.max(this.#segments.segmentOf(from), this.#segments.minLiveSegment);
    const last = this.#segments.segmentOf(Math.min(to, this.#segments.observedMs));
    const found: BufferedRecord[] = [];
    for (let number = first; number <= last; number++) {
      const segment = this.#bySegment.get(number);
      if (segment === undefined) continue;
      for (const record of this.#recordsOf(segment, key)?.records ?? []) {
        if (record.timestamp < from || record.timestamp > to) continue;
        if (this.#segments.isRetained(record.timestamp)) found.push(record);
      }
    }
    return found;
  }

  *all(): IterableIterator<WindowedEntry> {
    for (const segment of [...this.#bySegment.values()]) {
      const pinned = [...segment.byKey.units()].filter((unit) => unit.isPinned);
      const keys = new Set(pinned.map(({ records }) => records[0]?.key));
      for (const { value: bytes } of this.backend.scan(segment.table)) {
        const entry = { key: '', ...decodeWindow(bytes) };
        entry.key = storeKey(entry.keyRow);
        if (!keys.has(entry.key)) yield entry;
      }
      for (const unit of pinned) {
        for (const { key, keyRow, value, timestamp, sequence } of unit.records)
          yield { key, keyRow, value, timestamp, windowStart: timestamp, windowEnd: sequence };
      }
    }
  }

  takeChanges(): readonly StoreChange[] {
    const changes = this.#dirty.map(({ segment, change }) =>
      // One that expired before it was ever written has left nothing to delete, but a commit that failed half-way may have.
      this.#bySegment.has(segment.number) ? change : { ...change, entry: null },
    );
    this.#taken.push(...this.#dirty);
    this.#dirty = [];
    this.#expired.take(changes);
    this.#clock.take(this.#now());
    return changes;
  }

  restore(change: StoreChange): void {
    const { key, keyRow, windowStart, windowEnd, entry } = change;
    this.#nextSequence = Math.max(this.#nextSequence, windowEnd + 1);
    if (entry !== null) {
      if (this.#segments.advance(windowStart)) this.#expire();
      if (this.#segments.isLive(windowStart) && !this.#has(key, windowStart, windowEnd)) {
        const record = { key, keyRow, value: entry.value, timestamp: windowStart, sequence: windowEnd };
        this.#commit(this.#insert(record));
      }
    }
    this.#clock.restore(this.#now());
  }

  committed(): void {
    for (const waiting of this.#taken) this.#commit(waiting);
    this.#taken = [];
    this.#expired.committed();
    this.#clock.committed();
  }

  get unwrittenBytes(): number {
    return this.#unwrittenBytes;
  }

  freeze(): StoreClock {
    this.#batch = this.#committed;
    this.#committed = [];
    this.#unwrittenBytes = 0;
    this.#expired.freeze();
    return this.#clock.committedValue;
  }

  *write(backend: StateBackend): Generator<void> {
    for (const { segment, change } of this.#batch) {
      if (!this.#bySegment.has(segment.number)) continue;
      const { key, keyRow, windowStart, windowEnd, entry } = change;
      const bytes = encodeWindow(windowStart, windowEnd, keyRow, entry?.value ?? [], windowStart);
      backend.put(segment.table, this.#keys.prefixThenTimes(key, windowStart, windowEnd), bytes, true);
      yield;
    }
    this.#expired.write(backend);
  }

  written(): void {
    for (const { records } of this.#batch) records.waiting--;
    this.#batch = [];
    this.#expired.written();
  }

  notWritten(): void {
    const again = this.#batch;
    this.#batch = [];
    for (const waiting of again) this.#commit(waiting);
    this.#expired.notWritten();
  }

  rotate(): void {
    for (const { byKey } of this.#bySegment.values()) byKey.rotate();
  }

  #now(): StoreClock {
    return { observedMs: this.#segments.observedMs, sequence: this.#nextSequence };
  }

  #open(table: StateTable): void {
    if (table.segment < this.#segments.minLiveSegment) {
      this.#expired.add(table, this.#tombstones(table, []));
      return;
    }
    const byKey = new Generations<KeyRecords>(this.budget, false);
    this.#bySegment.set(table.segment, { number: table.segment, table, byKey, live: table.rows, longest: 0 });
    this.#live += table.rows;
  }

  #commit(waiting: Waiting): void {
    this.#committed.push(waiting);
    this.#unwrittenBytes += heapBytes('', waiting.change.keyRow, waiting.change.entry?.value ?? []);
  }

  /** What is read again from a changelog may be stored already. */
  #has(key: string, timestamp: number, sequence: number): boolean {
    const segment = this.#bySegment.get(this.#segments.segmentOf(timestamp));
    const records = segment && this.#recordsOf(segment, key)?.records;
    return records?.some((record) => record.timestamp === timestamp && record.sequence === sequence) ?? false;
  }

  #insert(record: BufferedRecord): Waiting {
    const { key, keyRow, timestamp, sequence } = record;
    const number = this.#segments.segmentOf(timestamp);
    let segment = this.#bySegment.get(number);
    if (segment === undefined) {
      const byKey = new Generations<KeyRecords>(this.budget, true);
      segment = { number, table: this.backend.table(this.name, number), byKey, live: 0, longest: 0 };
      this.#bySegment.set(number, segment);
    }
    let records = this.#recordsOf(segment, key);
    if (records === undefined) {
      records = new KeyRecords();
      segment.byKey.set(key, records);
    }
    records.waiting++;
    this.budget.add(records.add(record));
    segment.longest = Math.max(segment.longest, records.records.length);
    segment.live++;
    this.#live++;
    return { segment, records, change: { key, keyRow, windowStart: timestamp, windowEnd: sequence, entry: record } };
  }

  #recordsOf(segment: Segment, key: string): KeyRecords | undefined {
    const cached = segment.byKey.get(key);
    if (cached !== undefined || segment.byKey.isComplete) return cached;
    const records = new KeyRecords();
    const prefix = Uint8Array.from(this.#keys.prefix(key));
    for (const { value: bytes } of this.backend.scan(segment.table, prefix, afterPrefix(prefix))) {
      const { keyRow, value, windowStart, windowEnd } = decodeWindow(bytes);
      records.add({ key, keyRow, value, timestamp: windowStart, sequence: windowEnd });
    }
    segment.byKey.set(key, records);
    segment.longest = Math.max(segment.longest, records.records.length);
    return records;
  }

  #expire(): void {
    for (const [number, segment] of this.#bySegment) {
      if (number >= this.#segments.minLiveSegment) continue;
      this.#bySegment.delete(number);
      this.#live -= segment.live;
      const pinned = [...segment.byKey.units()].filter((unit) => unit.isPinned);
      this.#expired.add(segment.table, this.#tombstones(segment.table, pinned));
    }
  }

  /** `pinned`: what the cache knows better than the backend; of dirty records `takeChanges` tells by itself. */
  #tombstones(table: StateTable, pinned: readonly KeyRecords[]): Generator<StoreChange> {
    const dirty = new Set(this.#dirty.map(({ change }) => change.windowEnd));
    const changes: StoreChange[] = [];
    for (const { records } of pinned) {
      for (const { key, keyRow, timestamp, sequence } of records) {
        if (dirty.has(sequence)) continue;
        changes.push({ key, keyRow, windowStart: timestamp, windowEnd: sequence, entry: null });
      }
    }
    return this.#tombstonesOf(table, changes, new Set(pinned.map(({ records }) => records[0]?.key)));
  }

  *#tombstonesOf(
    table: StateTable,
    changes: readonly StoreChange[],
    keys: ReadonlySet<string | undefined>,
  ): Generator<StoreChange> {
    yield* changes;
    for (const { value: bytes } of this.backend.scan(table)) {
      const { keyRow, windowStart, windowEnd } = decodeWindow(bytes);
      const key = storeKey(keyRow);
      if (!keys.has(key)) yield { key, keyRow, windowStart, windowEnd, entry: null };
    }
  }
}

function isBefore(a: BufferedRecord, b: BufferedRecord): boolean {
  return a.timestamp < b.timestamp || (a.timestamp === b.timestamp && a.sequence < b.sequence);
}
