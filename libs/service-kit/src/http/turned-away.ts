import type { Logger } from 'pino';
import { SampledLog } from '../log/sampled-log.js';

const newsMs = 60_000;

/** The clients that a server cut or refused: how many for each reason, in the log by samples, and for a minute a word of its health. */
export class TurnedAway<Reason extends string = string> {
  private readonly counts = new Map<Reason, number>();
  private readonly lastAtMs = new Map<Reason, number>();
  private readonly log: SampledLog;

  /**
   * @param limits what the settings behind a reason are, in words; a reason that is not there is nobody's trouble but the client's, as of
   *   one that fell asleep, and no word of the health
   */
  constructor(
    logger: Logger,
    private readonly limits: Readonly<Partial<Record<Reason, string>>>,
    private readonly nowMs: () => number = () => performance.now(),
  ) {
    this.log = new SampledLog(logger);
  }

  note(reason: Reason, address: string | undefined): void {
    this.counts.set(reason, (this.counts.get(reason) ?? 0) + 1);
    this.lastAtMs.set(reason, this.nowMs());
    this.log.warn({ reason }, 'a client was turned away', () => ({ address }));
  }

  /** Since the start, by reason. */
  count(): ReadonlyMap<Reason, number> {
    return this.counts;
  }

  /** What happened in the last minute, with the settings that it hangs on; undefined when nothing did. */
  news(): string | undefined {
    const told = [...this.counts].flatMap(([reason, count]) => {
      const limit = this.limits[reason];
      const isNew = this.nowMs() - (this.lastAtMs.get(reason) ?? -Infinity) < newsMs;
      return limit === undefined || !isNew ? [] : [`${reason}, ${count} turned away since the start (${limit})`];
    });
    return told.length === 0 ? undefined : told.join('; ');
  }

  close(): void {
    this.log.close();
  }
}
