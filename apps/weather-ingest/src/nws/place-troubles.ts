import { NwsError, type NwsErrorKind } from './nws-error.js';

/** How long a place is left alone after so many failures in a row; the first one is asked again with the next round. */
const waitsMs = [0, 60_000, 120_000, 240_000, 480_000, 900_000] as const;

/** These say something of the service or of ourselves, and the client deals with them. */
const notThePlacesOwn: ReadonlySet<NwsErrorKind> = new Set(['unreachable', 'held-back', 'rate-limited', 'blocked']);

/** All pollers of a round may ask for the same place; that is one failure. */
const roundMs = 30_000;

interface Trouble {
  readonly error: NwsError;
  readonly failures: number;
  readonly failedAtMs: number;
  readonly untilMs: number;
}

/**
 * Places that fail, by address. A refusal that stays would cost two requests a minute for ever and spend the day's budget, and so
 * silence every other place: it is asked for less and less often, down to once in a quarter of an hour.
 */
export class PlaceTroubles {
  private readonly troubles = new Map<string, Trouble>();

  constructor(private readonly now: () => number) {}

  of(path: string): NwsError | undefined {
    return this.troubles.get(path)?.error;
  }

  /** @throws NwsError of the asking, or the last one while the place is left alone */
  async watch<Result>(path: string, ask: () => Promise<Result>): Promise<Result> {
    const before = this.troubles.get(path);
    if (before !== undefined && this.now() < before.untilMs) throw before.error;
    try {
      const result = await ask();
      this.troubles.delete(path);
      return result;
    } catch (error) {
      if (!(error instanceof NwsError)) throw error;
      const nowMs = this.now();
      const isCounted =
        !notThePlacesOwn.has(error.kind) && !(before !== undefined && nowMs - before.failedAtMs < roundMs);
      const failures = (before?.failures ?? 0) + (isCounted ? 1 : 0);
      const waitMs = isCounted ? (waitsMs[Math.min(failures, waitsMs.length) - 1] ?? 0) : 0;
      const failedAtMs = isCounted ? nowMs : (before?.failedAtMs ?? nowMs);
      this.troubles.set(path, { error, failures, failedAtMs, untilMs: nowMs + waitMs });
      throw error;
    }
  }
}
