import { availableParallelism, loadavg } from 'node:os';

const crowdingMax = 10;

/**
 * How many times longer things take here than on a machine of one's own: runnable programs for each processor, from 1 to 10. Time limits
 * are stretched by it, since a limit that is too short on a crowded machine ends what was only slow.
 */
export function crowding(load1: number = loadavg()[0] ?? 0, processors: number = availableParallelism()): number {
  return Math.min(crowdingMax, Math.max(1, load1 / processors));
}

/** `ms` on a machine as crowded as this one, at most `timesMax` times as long. Whole, since timers of the runtime refuse fractions. */
export const stretchedMs = (ms: number, timesMax: number = crowdingMax, times: number = crowding()): number =>
  Math.ceil(ms * Math.min(timesMax, times));

/** A limit on the time without progress. It is looked at, not waited for: the machine may get crowded meanwhile. */
export class StallLimit {
  #lastProgressMs = performance.now();

  constructor(
    private readonly limitMs: number,
    private readonly stretch: () => number = crowding,
  ) {}

  progressed(): void {
    this.#lastProgressMs = performance.now();
  }

  /** How long nothing has come about, in milliseconds. */
  get stalledMs(): number {
    return performance.now() - this.#lastProgressMs;
  }

  get isOver(): boolean {
    return this.stalledMs > this.limitMs * this.stretch();
  }
}
