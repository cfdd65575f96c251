import type { Row } from '../../types/sql-value.js';
import type { KeyValueStore, StoreChange, Timestamped, TrackedStore, WindowedEntry } from '../store.js';

/** A key's place, which is also the entry that `get` gives. */
interface KeyValueSlot {
  readonly key: string;
  readonly keyRow: Row;
  /** Null: deleted, and not reported yet. */
  value: Row | null;
  timestamp: number;
  isDirty: boolean;
}

function entryOf(slot: KeyValueSlot | undefined): Timestamped | undefined {
  return slot !== undefined && slot.value !== null ? (slot as Timestamped) : undefined;
}

/** Rows by key in a Map. A deleted key keeps its slot until the deletion was reported. */
export class MemoryKeyValueStore implements KeyValueStore, TrackedStore {
  private readonly slots = new Map<string, KeyValueSlot>();
  private dirty: KeyValueSlot[] = [];
  private live = 0;

  constructor(private readonly isTracking = true) {}

  get size(): number {
    return this.live;
  }

  get(key: string): Timestamped | undefined {
    return entryOf(this.slots.get(key));
  }

  put(key: string, keyRow: Row, value: Row, timestamp: number): void {
    let slot = this.slots.get(key);
    if (slot === undefined) {
      slot = { key, keyRow, value, timestamp, isDirty: false };
      this.slots.set(key, slot);
      this.live++;
    } else {
      if (slot.value === null) this.live++;
      slot.value = value;
      slot.timestamp = timestamp;
    }
    this.mark(slot);
  }

  update(entry: Timestamped, value: Row, timestamp: number): void {
    const slot = entry as KeyValueSlot;
    slot.value = value;
    slot.timestamp = timestamp;
    this.mark(slot);
  }

  delete(key: string): void {
    const slot = this.slots.get(key);
    if (slot === undefined || slot.value === null) return;
    slot.value = null;
    this.live--;
    if (this.isTracking) this.mark(slot);
    else this.slots.delete(key);
  }

  *entries(): IterableIterator<readonly [string, Row, Timestamped]> {
    for (const slot of this.slots.values()) {
      const entry = entryOf(slot);
      if (entry !== undefined) yield [slot.key, slot.keyRow, entry];
    }
  }

  *all(): IterableIterator<WindowedEntry> {
    for (const [key, keyRow, { value, timestamp }] of this.entries()) {
      yield { key, keyRow, value, timestamp, windowStart: -1, windowEnd: -1 };
    }
  }

  takeChanges(): readonly StoreChange[] {
    const taken = this.dirty;
    this.dirty = [];
    return taken.map((slot) => {
      const { key, keyRow, value, timestamp } = slot;
      slot.isDirty = false;
      if (value === null) this.slots.delete(key);
      return { key, keyRow, windowStart: -1, windowEnd: -1, entry: value && { value, timestamp } };
    });
  }

  restore({ key, keyRow, entry }: StoreChange): void {
    const slot = this.slots.get(key);
    this.live += (entry === null ? 0 : 1) - (entryOf(slot) === undefined ? 0 : 1);
    if (entry === null) this.slots.delete(key);
    else if (slot === undefined)
      this.slots.set(key, { key, keyRow, value: entry.value, timestamp: entry.timestamp, isDirty: false });
    else {
      slot.value = entry.value;
      slot.timestamp = entry.timestamp;
    }
  }

  private mark(slot: KeyValueSlot): void {
    if (slot.isDirty || !this.isTracking) return;
    slot.isDirty = true;
    this.dirty.push(slot);
  }
}
