import type { Row } from '../../types/sql-value.js';
import type { StoreChange, WindowedEntry } from '../store.js';

/**
 * A place in a store. A deleted slot stays in its store until the deletion was reported, so that deleting and putting again is
 * one change.
 */
export interface Slot {
  readonly key: string;
  readonly keyRow: Row;
  readonly windowStart: number;
  readonly windowEnd: number;
  entry: WindowedEntry | null;
  isDirty: boolean;
}

/** The slots that changed since the last commit, each once. */
export class DirtySlots {
  private slots: Slot[] = [];

  constructor(private readonly isTracking: boolean) {}

  /** True when the slot of a deletion must be kept until `take`. */
  mark(slot: Slot): boolean {
    if (!this.isTracking) return false;
    if (!slot.isDirty) {
      slot.isDirty = true;
      this.slots.push(slot);
    }
    return true;
  }

  /** Reports and forgets; `forget` drops the slots that hold nothing. */
  take(forget: (slot: Slot) => void): readonly StoreChange[] {
    const taken = this.slots;
    this.slots = [];
    const changes: StoreChange[] = [];
    for (const slot of taken) {
      slot.isDirty = false;
      const { key, keyRow, windowStart, windowEnd, entry } = slot;
      const change = entry && { value: entry.value, timestamp: entry.timestamp };
      changes.push({ key, keyRow, windowStart, windowEnd, entry: change });
      if (entry === null) forget(slot);
    }
    return changes;
  }
}
