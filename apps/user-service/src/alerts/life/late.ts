import { isOver } from './rule.js';
import type { Interval, RuleVersion, Sample } from './types.js';

/** How many late samples, and how many past episodes, are kept. */
export const lateMax = 16;
export const pastMax = 8;

/** The late samples with one more, ascending; the oldest is forgotten. Undefined when it is known. */
export function withLate(late: readonly Sample[], sample: Sample): readonly Sample[] | undefined {
  if (late.some(({ atMs, place }) => atMs === sample.atMs || place.eventId === sample.place.eventId)) return undefined;
  return [...late, sample].sort((a, b) => a.atMs - b.atMs).slice(-lateMax);
}

/**
 * The latest run of late samples that crossed the limit for its delay and that no known episode covers: an alert that would have been.
 * They are all that counts: what was evaluated in time is no longer there.
 */
export function lateRun(
  rule: RuleVersion,
  late: readonly Sample[],
  known: readonly Interval[],
): readonly Sample[] | undefined {
  const runs: Sample[][] = [];
  let run: Sample[] = [];
  for (const sample of late) {
    const before = run.at(-1);
    if (!isOver(rule, 0, sample.value)) run = [];
    else if (before === undefined || sample.atMs - before.atMs > rule.maxGapMs) runs.push((run = [sample]));
    else run.push(sample);
  }
  return runs.findLast((samples) => {
    const fromMs = samples[0]?.atMs ?? 0;
    const toMs = samples.at(-1)?.atMs ?? 0;
    return (
      toMs - fromMs >= rule.onDelayMs &&
      known.every((other) => (other.toMs !== null && other.toMs < fromMs) || other.fromMs > toMs)
    );
  });
}
