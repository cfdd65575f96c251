import type { Row } from '../../types/sql-value.js';
import type { PendingOuterRows, PendingRows, StoreChange, TrackedStore, WindowedEntry } from '../store.js';
import { DirtySlots, type Slot } from './slots.js';

/**
 * Rows of an outer stream-stream join that have found no partner yet: by time, side and key, all values of the same place in one list.
 * In the changelog the time stands as window start, the side (0 left, 1 right) as window end.
 */
export class MemoryPendingOuterRows implements PendingOuterRows, TrackedStore {
  private readonly byTime = new Map<number, Map<string, Slot>>();
  /** Ascending; every time that has a map. */
  private readonly times: number[] = [];
  private readonly dirty: DirtySlots;
  private live = 0;

  constructor(isTracking = true) {
    this.dirty = new DirtySlots(isTracking);
  }

  get size(): number {
    return this.live;
  }

  add(key: string, keyRow: Row, value: Row, timestamp: number, isLeft: boolean): void {
    const before = this.slotOf(key, timestamp, isLeft)?.entry;
    const values = before ? [...(before.value as readonly Row[]), value] : [value];
    this.dirty.mark(this.set(key, keyRow, values, timestamp, isLeft));
  }

  delete(key: string, timestamp: number, isLeft: boolean): void {
    const slot = this.slotOf(key, timestamp, isLeft);
    if (slot === undefined || slot.entry === null) return;
    slot.entry = null;
    this.live--;
    if (!this.dirty.mark(slot)) this.forget(slot);
  }

  *before(leftLimitMs: number, rightLimitMs: number): IterableIterator<PendingRows> {
    const expired = this.times.slice(0, this.placeOfTime(Math.max(leftLimitMs, rightLimitMs)));
    for (const timestamp of expired) {
      for (const slot of this.byTime.get(timestamp)?.values() ?? []) {
        const isLeft = slot.windowEnd === 0;
        if (slot.entry === null || timestamp >= (isLeft ? leftLimitMs : rightLimitMs)) continue;
        yield { key: slot.key, keyRow: slot.keyRow, timestamp, isLeft, values: slot.entry.value as readonly Row[] };
      }
    }
  }

  *all(): IterableIterator<WindowedEntry> {
    for (const slots of this.byTime.values()) for (const { entry } of slots.values()) if (entry !== null) yield entry;
  }

  takeChanges(): readonly StoreChange[] {
    return this.dirty.take((slot) => this.forget(slot));
  }

  restore({ key, keyRow, windowStart, windowEnd, entry }: StoreChange): void {
    if (entry !== null) {
      this.set(key, keyRow, entry.value as readonly Row[], windowStart, windowEnd === 0);
      return;
    }
    const slot = this.slotOf(key, windowStart, windowEnd === 0);
    if (slot === undefined) return;
    if (slot.entry !== null) this.live--;
    this.forget(slot);
  }

  private slotOf(key: string, timestamp: number, isLeft: boolean): Slot | undefined {
    return this.byTime.get(timestamp)?.get(placeOf(key, isLeft));
  }

  private set(key: string, keyRow: Row, values: readonly Row[], timestamp: number, isLeft: boolean): Slot {
    const place = placeOf(key, isLeft);
    const windowEnd = isLeft ? 0 : 1;
    const entry = { key, keyRow, windowStart: timestamp, windowEnd, value: values, timestamp };
    let slots = this.byTime.get(timestamp);
    if (slots === undefined) {
      this.byTime.set(timestamp, (slots = new Map()));
      this.times.splice(this.placeOfTime(timestamp), 0, timestamp);
    }
    const existing = slots.get(place);
    if (existing) {
      if (existing.entry === null) this.live++;
      existing.entry = entry;
      return existing;
    }
    const slot: Slot = { key, keyRow, windowStart: timestamp, windowEnd, entry, isDirty: false };
    slots.set(place, slot);
    this.live++;
    return slot;
  }

  private forget(slot: Slot): void {
    const slots = this.byTime.get(slot.windowStart);
    const place = placeOf(slot.key, slot.windowEnd === 0);
    if (slots === undefined || slots.get(place) !== slot) return;
    slots.delete(place);
    if (slots.size > 0) return;
    this.byTime.delete(slot.windowStart);
    this.times.splice(this.placeOfTime(slot.windowStart), 1);
  }

  /** How many times lie before this one. */
  private placeOfTime(timestamp: number): number {
    let from = 0;
    let to = this.times.length;
    while (from < to) {
      const middle = (from + to) >> 1;
      if ((this.times[middle] as number) < timestamp) from = middle + 1;
      else to = middle;
    }
    return from;
  }
}

function placeOf(key: string, isLeft: boolean): string {
  return isLeft ? `L${key}` : `R${key}`;
}
