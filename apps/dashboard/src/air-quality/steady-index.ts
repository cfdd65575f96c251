/** Points of the index below which a difference is noise. */
const noise = 3;
/** How long a larger difference must last before it is shown. */
const dwellMs = 10_000;
/** How long any difference must last: a slow change is shown too, and what wavers between two values is not. */
const settleMs = 60_000;
/** In the beginning the sensors come in one by one, and what is shown follows at once. */
const warmUpMs = 10_000;

/**
 * The number that is shown for an index that wavers: it moves when the index has really moved. Its category is the category of the
 * shown number, so that number and word always agree, and neither flickers at the edge of a band.
 */
export class SteadyIndex {
  private shownIndex: number | undefined;
  private beganAtMs = 0;
  private differsSinceMs: number | undefined;
  private departedSinceMs: number | undefined;

  /** The number to show now; undefined before the first. It stays when the index is gone. */
  get shown(): number | undefined {
    return this.shownIndex;
  }

  /** @param index what was measured; undefined when nothing was. Called often: durations are seen at calls only. */
  follow(index: number | undefined, nowMs: number): number | undefined {
    if (index === undefined) {
      this.differsSinceMs = this.departedSinceMs = undefined;
      return this.shownIndex;
    }
    const whole = Math.round(index);
    if (this.shownIndex === undefined) this.beganAtMs = nowMs;
    const shown = this.shownIndex ?? whole;
    this.differsSinceMs = whole === shown ? undefined : (this.differsSinceMs ?? nowMs);
    this.departedSinceMs = Math.abs(whole - shown) < noise ? undefined : (this.departedSinceMs ?? nowMs);
    const isDue =
      nowMs - this.beganAtMs < warmUpMs ||
      (this.departedSinceMs !== undefined && nowMs - this.departedSinceMs >= dwellMs) ||
      (this.differsSinceMs !== undefined && nowMs - this.differsSinceMs >= settleMs);
    if (isDue) this.differsSinceMs = this.departedSinceMs = undefined;
    this.shownIndex = isDue ? whole : shown;
    return this.shownIndex;
  }
}
