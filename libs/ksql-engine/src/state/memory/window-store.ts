import type { Row } from '../../types/sql-value.js';
import { Segments } from '../segments.js';
import type { StoreChange, TrackedStore, WindowedEntry, WindowStore } from '../store.js';
import { DirtySlots, type Slot } from './slots.js';

/** An entry that knows its place. */
interface HeldEntry extends WindowedEntry {
  value: Row;
  timestamp: number;
  readonly slot: Slot;
}

/** Windows by start, then by key. Starts are multiples of an advance, so there are few of them at a time. */
export class MemoryWindowStore implements WindowStore, TrackedStore {
  private readonly windows = new Map<number, Map<string, Slot>>();
  private readonly segments: Segments;
  private readonly dirty: DirtySlots;
  private live = 0;

  constructor(retentionMs: number, isTracking = true) {
    this.segments = new Segments(retentionMs);
    this.dirty = new DirtySlots(isTracking);
  }

  get size(): number {
    return this.live;
  }

  get(key: string, windowStart: number): WindowedEntry | undefined {
    return this.windows.get(windowStart)?.get(key)?.entry ?? undefined;
  }

  put(entry: WindowedEntry): void {
    if (this.segments.advance(entry.windowStart)) this.dropDeadSegments();
    if (!this.segments.isLive(entry.windowStart)) return;
    this.dirty.mark(this.set(entry));
  }

  update(entry: WindowedEntry, value: Row, timestamp: number): void {
    const held = entry as HeldEntry;
    held.value = value;
    held.timestamp = timestamp;
    this.dirty.mark(held.slot);
  }

  delete(key: string, windowStart: number): void {
    const slot = this.windows.get(windowStart)?.get(key);
    if (slot !== undefined && slot.entry !== null) this.clear(slot);
  }

  fetch(key: string, from: number, to: number): readonly WindowedEntry[] {
    const found: WindowedEntry[] = [];
    for (const start of this.startsWithin(from, to)) {
      const entry = this.windows.get(start)?.get(key)?.entry;
      if (entry && this.segments.isRetained(start)) found.push(entry);
    }
    return found;
  }

  fetchAll(from: number, to: number): readonly WindowedEntry[] {
    const found: WindowedEntry[] = [];
    for (const start of this.startsWithin(from, to)) {
      if (!this.segments.isFinalizable(start)) continue;
      for (const { entry } of this.windows.get(start)?.values() ?? []) if (entry !== null) found.push(entry);
    }
    return found;
  }

  *all(): IterableIterator<WindowedEntry> {
    for (const start of this.startsWithin(-Infinity, Infinity)) {
      if (!this.segments.isRetained(start)) continue;
      for (const { entry } of this.windows.get(start)?.values() ?? []) if (entry !== null) yield entry;
    }
  }

  takeChanges(): readonly StoreChange[] {
    return this.dirty.take((slot) => this.forget(slot));
  }

  restore(change: StoreChange): void {
    const { key, keyRow, windowStart, windowEnd, entry } = change;
    if (entry !== null) {
      if (this.segments.advance(windowStart)) this.dropDeadSegments();
      this.set({ key, keyRow, windowStart, windowEnd, ...entry });
      return;
    }
    const slot = this.windows.get(windowStart)?.get(key);
    if (slot === undefined) return;
    if (slot.entry !== null) this.live--;
    this.forget(slot);
  }

  private set({ key, keyRow, windowStart, windowEnd, value, timestamp }: WindowedEntry): Slot {
    let slots = this.windows.get(windowStart);
    if (slots === undefined) this.windows.set(windowStart, (slots = new Map()));
    let slot = slots.get(key);
    if (slot === undefined) {
      slot = { key, keyRow, windowStart, windowEnd, entry: null, isDirty: false };
      slots.set(key, slot);
    }
    if (slot.entry === null) this.live++;
    const entry: HeldEntry = { key, keyRow, windowStart, windowEnd, value, timestamp, slot };
    slot.entry = entry;
    return slot;
  }

  private clear(slot: Slot): void {
    slot.entry = null;
    this.live--;
    if (!this.dirty.mark(slot)) this.forget(slot);
  }

  private forget(slot: Slot): void {
    const slots = this.windows.get(slot.windowStart);
    if (slots?.get(slot.key) !== slot) return;
    slots.delete(slot.key);
    if (slots.size === 0) this.windows.delete(slot.windowStart);
  }

  private startsWithin(from: number, to: number): number[] {
    const starts: number[] = [];
    for (const start of this.windows.keys()) if (start >= from && start <= to) starts.push(start);
    return starts.sort((a, b) => a - b);
  }

  private dropDeadSegments(): void {
    for (const [start, slots] of this.windows) {
      if (this.segments.isLive(start)) continue;
      for (const slot of slots.values()) if (slot.entry !== null) this.clear(slot);
    }
  }
}
