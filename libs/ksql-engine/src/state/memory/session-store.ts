import { Segments } from '../segments.js';
import type { SessionStore, StoreChange, TrackedStore, WindowedEntry } from '../store.js';
import { DirtySlots, type Slot } from './slots.js';

/** Sessions by key, each key's in ascending order. */
export class MemorySessionStore implements SessionStore, TrackedStore {
  private readonly sessions = new Map<string, Slot[]>();
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

  get(key: string, windowStart: number, windowEnd: number): WindowedEntry | undefined {
    return this.slotOf(key, windowStart, windowEnd)?.entry ?? undefined;
  }

  find(key: string, earliestEnd: number, latestStart: number): readonly WindowedEntry[] {
    const found: WindowedEntry[] = [];
    for (const { entry } of this.sessions.get(key) ?? []) {
      if (entry === null || !this.segments.isRetained(entry.windowEnd)) continue;
      if (entry.windowEnd >= earliestEnd && entry.windowStart <= latestStart) found.push(entry);
    }
    return found;
  }

  put(entry: WindowedEntry): void {
    if (this.segments.advance(entry.windowEnd)) this.dropDeadSegments();
    if (!this.segments.isLive(entry.windowEnd)) return;
    this.dirty.mark(this.set(entry));
  }

  delete(key: string, windowStart: number, windowEnd: number): void {
    const slot = this.slotOf(key, windowStart, windowEnd);
    if (slot !== undefined && slot.entry !== null) this.clear(slot);
  }

  *all(): IterableIterator<WindowedEntry> {
    for (const slots of this.sessions.values()) {
      for (const { entry } of slots) if (entry !== null && this.segments.isRetained(entry.windowEnd)) yield entry;
    }
  }

  takeChanges(): readonly StoreChange[] {
    return this.dirty.take((slot) => this.forget(slot));
  }

  restore(change: StoreChange): void {
    const { key, keyRow, windowStart, windowEnd, entry } = change;
    if (entry !== null) {
      if (this.segments.advance(windowEnd)) this.dropDeadSegments();
      this.set({ key, keyRow, windowStart, windowEnd, ...entry });
      return;
    }
    const slot = this.slotOf(key, windowStart, windowEnd);
    if (slot === undefined) return;
    if (slot.entry !== null) this.live--;
    this.forget(slot);
  }

  private slotOf(key: string, windowStart: number, windowEnd: number): Slot | undefined {
    return this.sessions.get(key)?.find((slot) => slot.windowStart === windowStart && slot.windowEnd === windowEnd);
  }

  private set(entry: WindowedEntry): Slot {
    const { key, keyRow, windowStart, windowEnd } = entry;
    const existing = this.slotOf(key, windowStart, windowEnd);
    if (existing) {
      if (existing.entry === null) this.live++;
      existing.entry = entry;
      return existing;
    }
    const slot: Slot = { key, keyRow, windowStart, windowEnd, entry, isDirty: false };
    const slots = this.sessions.get(key);
    if (slots === undefined) this.sessions.set(key, [slot]);
    else {
      let at = slots.length;
      while (at > 0 && (slots[at - 1] as Slot).windowStart > windowStart) at--;
      slots.splice(at, 0, slot);
    }
    this.live++;
    return slot;
  }

  private clear(slot: Slot): void {
    slot.entry = null;
    this.live--;
    if (!this.dirty.mark(slot)) this.forget(slot);
  }

  private forget(slot: Slot): void {
    const slots = this.sessions.get(slot.key);
    const at = slots?.indexOf(slot) ?? -1;
    if (slots === undefined || at === -1) return;
    slots.splice(at, 1);
    if (slots.length === 0) this.sessions.delete(slot.key);
  }

  private dropDeadSegments(): void {
    for (const slots of [...this.sessions.values()]) {
      for (const slot of [...slots]) {
        if (slot.entry !== null && !this.segments.isLive(slot.windowEnd)) this.clear(slot);
      }
    }
  }
}
