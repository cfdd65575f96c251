/**
 * A second opinion on when an alert is raised and cleared. It sees the whole past at once and shares nothing with the machine: a value
 * speaks until the next one, for `maxGapMs` at most; stretches of time over the limit and well under it are cut out of the year, and an
 * alert goes from the first long enough stretch over it to the next long enough one under it.
 */
export interface OracleRule {
  readonly isOver: (value: number) => boolean;
  readonly isWellUnder: (value: number) => boolean;
  readonly onDelayMs: number;
  readonly offDelayMs: number;
  readonly maxGapMs: number;
}

export interface Verdict {
  readonly startMs: number;
  readonly raisedMs: number;
  readonly clearedMs: number | null;
}

interface Stretch {
  readonly fromMs: number;
  toMs: number;
  /** It ended since another value came, not since none did. */
  wasBroken: boolean;
}

/** @param values event time and value, ascending, each instant once */
export function judge(rule: OracleRule, values: readonly (readonly [number, number])[]): readonly Verdict[] {
  const over = stretches(values, rule.isOver, rule.maxGapMs);
  const under = stretches(values, rule.isWellUnder, rule.maxGapMs);
  const verdicts: Verdict[] = [];
  let nowMs = -Infinity;
  let [i, j] = [0, 0];
  while (i < over.length) {
    const up = over[i++];
    if (up === undefined || up.fromMs < nowMs || !lasts(up, rule.onDelayMs)) continue;
    const raisedMs = up.fromMs + rule.onDelayMs;
    while (j < under.length && !isEnd(under[j], raisedMs, rule.offDelayMs)) j++;
    const down = under[j];
    const clearedMs = down === undefined ? null : down.fromMs + rule.offDelayMs;
    verdicts.push({ startMs: up.fromMs, raisedMs, clearedMs });
    if (clearedMs === null) break;
    nowMs = clearedMs;
  }
  return verdicts;
}

const isEnd = (stretch: Stretch | undefined, afterMs: number, delayMs: number): boolean =>
  stretch !== undefined && stretch.fromMs >= afterMs && lasts(stretch, delayMs);

const lasts = ({ fromMs, toMs, wasBroken }: Stretch, delayMs: number): boolean =>
  wasBroken ? toMs - fromMs > delayMs : toMs - fromMs >= delayMs;

function stretches(
  values: readonly (readonly [number, number])[],
  holds: (value: number) => boolean,
  maxGapMs: number,
): readonly Stretch[] {
  const found: Stretch[] = [];
  values.forEach(([atMs, value], index) => {
    if (!holds(value)) return;
    const nextMs = values[index + 1]?.[0] ?? Infinity;
    const toMs = Math.min(nextMs, atMs + maxGapMs);
    const wasBroken = nextMs <= atMs + maxGapMs;
    const last = found.at(-1);
    if (last !== undefined && last.toMs === atMs && last.wasBroken) Object.assign(last, { toMs, wasBroken });
    else found.push({ fromMs: atMs, toMs, wasBroken });
  });
  return found;
}
