/** What came in an answer and was not taken. Its trouble is its own: whatever came with it goes on. */
export interface Refusal {
  /** What it is: a warning, an observation, a period of a forecast, a station… */
  readonly what: RefusedKind;
  /** Few words that do not change from case to case: they label a metric. */
  readonly reason: string;
  /** The city, station or cell that it speaks of. */
  readonly place?: string;
  /** What is wrong with this one. */
  readonly detail: string;
}

export type RefusedKind =
  'forecast' | 'grid value' | 'observation' | 'period' | 'polygon' | 'station' | 'value' | 'warning' | 'zone';

export interface RefusalCount extends Refusal {
  readonly count: number;
  /** When the last of them was seen, in epoch milliseconds; `place` and `detail` are its own. */
  readonly lastAtMs: number;
}

/** The same element comes with every answer until it is gone; it counts once while it is among so many. */
const rememberedMax = 1_000;

/** Counts what was not taken, by what it is and why. */
export class Refusals {
  private readonly counts = new Map<string, RefusalCount>();
  private readonly remembered = new Set<string>();

  constructor(
    /** Called for each refusal that is not a repetition, with how many of its kind there were. */
    private readonly onCounted: (refusal: RefusalCount) => void = () => undefined,
    private readonly now: () => number = Date.now,
  ) {}

  note(refusal: Refusal): void {
    const same = JSON.stringify([refusal.what, refusal.reason, refusal.place, refusal.detail]);
    const isRepetition = this.remembered.delete(same);
    this.remembered.add(same);
    for (const oldest of this.remembered) {
      if (this.remembered.size <= rememberedMax) break;
      this.remembered.delete(oldest);
    }
    const kind = `${refusal.what}/${refusal.reason}`;
    const before = this.counts.get(kind)?.count ?? 0;
    const counted = { ...refusal, count: isRepetition ? before : before + 1, lastAtMs: this.now() };
    this.counts.set(kind, counted);
    if (!isRepetition) this.onCounted(counted);
  }

  all(): readonly RefusalCount[] {
    return [...this.counts.values()];
  }
}
