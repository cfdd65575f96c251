import { isAnother, keptFrom, recordsCut, recordsIn, type KeptFrom, type TopicBounds } from './topic-bounds.js';

/** How long a topic keeps its records by itself; Infinity where only compaction removes any. */
export type RetentionMs = number;

export interface SeenLoss {
  readonly what: 'replaced' | 'cut';
  readonly records: number;
}

/** Where topics began and ended when they were last seen, so that a later look tells what somebody took away. */
export class TopicPast {
  private readonly bounds = new Map<string, TopicBounds>();
  /** What nobody but a person can have deleted: all of a compacted topic, else what is younger than the retention. */
  private readonly kept = new Map<string, { readonly from: KeptFrom; readonly sinceMs: number }>();

  /** Records between both ends at the last look; null when there was none. */
  recordsIn(name: string): number | null {
    const before = this.bounds.get(name);
    return before === undefined ? null : recordsIn(before);
  }

  forget(name: string): void {
    this.bounds.delete(name);
    this.kept.delete(name);
  }

  /** @param isNew it was made not long ago and holds nothing older than its retention */
  look(name: string, now: TopicBounds, retentionMs: RetentionMs, isNew: boolean): SeenLoss[] {
    const losses: SeenLoss[] = [];
    const before = this.bounds.get(name);
    if (before !== undefined && isAnother(before, now)) {
      this.forget(name);
      losses.push({ what: 'replaced', records: recordsIn(before) });
    }
    this.bounds.set(name, now);
    const kept = this.kept.get(name);
    const records = kept === undefined ? 0 : recordsCut(kept.from, now);
    const isYoung = kept !== undefined && Date.now() - kept.sinceMs < retentionMs;
    if (isYoung && records === 0) return losses;
    const isAllKept = retentionMs === Infinity || (kept === undefined && (isNew || losses.length > 0));
    this.kept.set(name, { from: keptFrom(now, isAllKept ? 'low' : 'high'), sinceMs: Date.now() });
    if (isYoung) losses.push({ what: 'cut', records });
    return losses;
  }
}
