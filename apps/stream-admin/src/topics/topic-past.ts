import {
  areSame,
  isAnother,
  keptFrom,
  recordsCut,
  recordsIn,
  type KeptFrom,
  type TopicBounds,
} from './topic-bounds.js';

/** How long a topic keeps its records by itself; Infinity where only compaction removes any. */
export type RetentionMs = number;

export interface SeenLoss {
  readonly what: 'replaced' | 'cut';
  readonly records: number;
}

/** Asks for the first offset of each partition whose record has that time or a later one; the end where none has. */
export type OffsetsFrom = (timeMs: number) => Promise<KeptFrom>;

/**
 * Where topics began and ended when they were last seen, so that a later look tells what somebody took away.
 *
 * A topic takes old records away by itself, and what is old says the time of a record, which may be long past when it is written (a late
 * reading). So only records are missed that at the last look had half of their retention before them.
 */
export class TopicPast {
  private readonly bounds = new Map<string, TopicBounds>();
  private readonly kept = new Map<string, { readonly from: KeptFrom; readonly untilMs: number }>();

  /** Records between both ends at the last look; null when there was none. */
  recordsIn(name: string): number | null {
    const before = this.bounds.get(name);
    return before === undefined ? null : recordsIn(before);
  }

  forget(name: string): void {
    this.bounds.delete(name);
    this.kept.delete(name);
  }

  /** @throws what `offsetsFrom` throws; then this look has not been */
  async look(name: string, now: TopicBounds, retentionMs: RetentionMs, offsetsFrom: OffsetsFrom): Promise<SeenLoss[]> {
    const nowMs = Date.now();
    const isEndless = retentionMs === Infinity;
    if (this.isAsBefore(name, now, nowMs + retentionMs / 4)) return [];
    const from = isEndless ? keptFrom(now) : await offsetsFrom(Math.max(0, nowMs - retentionMs / 2));
    const losses: SeenLoss[] = [];
    const before = this.bounds.get(name);
    if (before !== undefined && isAnother(before, now)) {
      this.forget(name);
      losses.push({ what: 'replaced', records: recordsIn(before) });
    }
    const kept = this.kept.get(name);
    const records = kept === undefined || nowMs >= kept.untilMs ? 0 : recordsCut(kept.from, now);
    if (records > 0) losses.push({ what: 'cut', records });
    this.bounds.set(name, now);
    this.kept.set(name, { from, untilMs: nowMs + retentionMs / 2 });
    return losses;
  }

  /** Nothing came and nothing went, and what must be kept was found out not long ago. */
  private isAsBefore(name: string, now: TopicBounds, knownUntilMs: number): boolean {
    const before = this.bounds.get(name);
    const kept = this.kept.get(name);
    return before !== undefined && kept !== undefined && areSame(before, now) && kept.untilMs >= knownUntilMs;
  }
}
