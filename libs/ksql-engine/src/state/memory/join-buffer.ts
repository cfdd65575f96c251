import type { Row } from '../../types/sql-value.js';
import { Segments } from '../segments.js';
import type { BufferedRecord, JoinBuffer, StoreChange, TrackedStore, WindowedEntry } from '../store.js';

/**
 * Records by segment and key, each list in order of time and arrival. A whole segment dies at once. In the changelog a record's
 * time stands as window start and its sequence number as window end.
 */
export class MemoryJoinBuffer implements JoinBuffer, TrackedStore {
  private readonly bySegment = new Map<number, Map<string, BufferedRecord[]>>();
  private readonly segments: Segments;
  private changes: StoreChange[] = [];
  private nextSequence = 0;
  private live = 0;
  /** The longest list of each segment. */
  private readonly longest = new Map<number, number>();

  constructor(
    retentionMs: number,
    private readonly isTracking = true,
  ) {
    this.segments = new Segments(retentionMs);
  }

  get size(): number {
    return this.live;
  }

  get recordsOfKeyMax(): number {
    let sum = 0;
    for (const longest of this.longest.values()) sum += longest;
    return sum;
  }

  put(key: string, keyRow: Row, value: Row, timestamp: number): void {
    if (this.segments.advance(timestamp)) this.dropDeadSegments();
    if (!this.segments.isLive(timestamp)) return;
    const record: BufferedRecord = { key, keyRow, value, timestamp, sequence: this.nextSequence++ };
    this.insert(record);
    if (this.isTracking) this.changes.push(changeOf(record, true));
  }

  fetch(key: string, from: number, to: number): readonly BufferedRecord[] {
    const first = Math.max(this.segments.segmentOf(from), this.segments.minLiveSegment);
    const last = this.segments.segmentOf(Math.min(to, this.segments.observedMs));
    const found: BufferedRecord[] = [];
    for (let segment = first; segment <= last; segment++) {
      const records = this.bySegment.get(segment)?.get(key);
      if (records === undefined) continue;
      for (const record of records) {
        if (record.timestamp < from || record.timestamp > to) continue;
        if (this.segments.isRetained(record.timestamp)) found.push(record);
      }
    }
    return found;
  }

  *all(): IterableIterator<WindowedEntry> {
    for (const byKey of this.bySegment.values()) {
      for (const records of byKey.values()) {
        for (const { key, keyRow, value, timestamp, sequence } of records) {
          yield { key, keyRow, value, timestamp, windowStart: timestamp, windowEnd: sequence };
        }
      }
    }
  }

  takeChanges(): readonly StoreChange[] {
    const taken = this.changes;
    this.changes = [];
    return taken;
  }

  restore({ key, keyRow, windowStart, windowEnd, entry }: StoreChange): void {
    this.nextSequence = Math.max(this.nextSequence, windowEnd + 1);
    if (entry === null) {
      this.remove(key, windowStart, windowEnd);
      return;
    }
    if (this.segments.advance(windowStart)) this.dropDeadSegments();
    if (this.segments.isLive(windowStart)) {
      this.insert({ key, keyRow, value: entry.value, timestamp: windowStart, sequence: windowEnd });
    }
  }

  private insert(record: BufferedRecord): void {
    const segment = this.segments.segmentOf(record.timestamp);
    let byKey = this.bySegment.get(segment);
    if (byKey === undefined) this.bySegment.set(segment, (byKey = new Map()));
    this.live++;
    const records = byKey.get(record.key);
    if (records === undefined) {
      byKey.set(record.key, [record]);
      if (byKey.size === 1) this.longest.set(segment, 1);
      return;
    }
    let at = records.length;
    while (at > 0 && isBefore(record, records[at - 1] as BufferedRecord)) at--;
    if (at === records.length) records.push(record);
    else records.splice(at, 0, record);
    if (records.length > (this.longest.get(segment) ?? 0)) this.longest.set(segment, records.length);
  }

  private remove(key: string, timestamp: number, sequence: number): void {
    const records = this.bySegment.get(this.segments.segmentOf(timestamp))?.get(key);
    const at = records?.findIndex((record) => record.timestamp === timestamp && record.sequence === sequence) ?? -1;
    if (records === undefined || at === -1) return;
    records.splice(at, 1);
    this.live--;
  }

  private dropDeadSegments(): void {
    for (const [segment, byKey] of this.bySegment) {
      if (segment >= this.segments.minLiveSegment) continue;
      this.bySegment.delete(segment);
      this.longest.delete(segment);
      for (const records of byKey.values()) {
        this.live -= records.length;
        if (this.isTracking) for (const record of records) this.changes.push(changeOf(record, false));
      }
    }
  }
}

function isBefore(a: BufferedRecord, b: BufferedRecord): boolean {
  return a.timestamp < b.timestamp || (a.timestamp === b.timestamp && a.sequence < b.sequence);
}

function changeOf(record: BufferedRecord, isPresent: boolean): StoreChange {
  const { key, keyRow, timestamp, sequence } = record;
  return { key, keyRow, windowStart: timestamp, windowEnd: sequence, entry: isPresent ? record : null };
}
