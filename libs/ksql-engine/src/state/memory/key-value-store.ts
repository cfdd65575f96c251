import type { Row } from '../../types/sql-value.js';
import type { KeyValueStore, StoreChange, Timestamped, TrackedStore, WindowedEntry } from '../store.js';

interface KeyValueSlot {
  readonly key: string;
  readonly keyRow: Row;
  entry: Timestamped | null;
  isDirty: boolean;
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
    return this.slots.get(key)?.entry ?? undefined;
  }

  put(key: string, keyRow: Row, entry: Timestamped): void {
    let slot = this.slots.get(key);
    if (slot === undefined) {
      slot = { key, keyRow, entry, isDirty: false };
      this.slots.set(key, slot);
      this.live++;
    } else {
      if (slot.entry === null) this.live++;
      slot.entry = entry;
    }
    this.mark(slot);
  }

  update(key: string, entry: Timestamped): void {
    const slot = this.slots.get(key);
    if (slot === undefined || slot.entry === null) throw new Error(`the store has no entry to update for key ${key}`);
    slot.entry = entry;
    this.mark(slot);
  }

  delete(key: string): void {
    const slot = this.slots.get(key);
    if (slot === undefined || slot.entry === null) return;
    slot.entry = null;
    this.live--;
    if (this.isTracking) this.mark(slot);
    else this.slots.delete(key);
  }

  *entries(): IterableIterator<readonly [string, Row, Timestamped]> {
    for (const slot of this.slots.values()) if (slot.entry !== null) yield [slot.key, slot.keyRow, slot.entry];
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
      slot.isDirty = false;
      if (slot.entry === null) this.slots.delete(slot.key);
      return { key: slot.key, keyRow: slot.keyRow, windowStart: -1, windowEnd: -1, entry: slot.entry };
    });
  }

  restore({ key, keyRow, entry }: StoreChange): void {
    const slot = this.slots.get(key);
    const wasLive = slot !== undefined && slot.entry !== null;
    this.live += (entry === null ? 0 : 1) - (wasLive ? 1 : 0);
    if (entry === null) this.slots.delete(key);
    else if (slot) slot.entry = entry;
    else this.slots.set(key, { key, keyRow, entry, isDirty: false });
  }

  private mark(slot: KeyValueSlot): void {
    if (slot.isDirty || !this.isTracking) return;
    slot.isDirty = true;
    this.dirty.push(slot);
  }
}
