import { isOver, levelsOf, moreExtreme } from './rule.js';
import type { Evidence, RuleVersion, Run, Sample } from './types.js';

/**
 * What an alert cites is the least that shows it. Of the samples of a run the first and the last are kept and, between them, each one
 * without which two neighbours would be more than `maxGapMs` apart: always the farthest that still reaches. So a run has no more than
 * two samples for each longest gap, whatever its density, and none of them can be left out.
 */
export function startRun(rule: RuleVersion, sample: Sample): Run {
  const levels = levelsOf(rule);
  return {
    sinceMs: sample.atMs,
    chain: [sample],
    peak: sample,
    under: levels === 1 ? noneUnder : under(rule, undefined, sample),
  };
}

/** The run with one more sample, which is no older than its last; a sample of the same time takes that one's place. */
export function extendRun(rule: RuleVersion, run: Run, sample: Sample): Run {
  const { chain } = run;
  const last = chain.at(-1);
  const anchor = chain.at(-2);
  const replaces =
    last !== undefined &&
    (last.atMs === sample.atMs || (anchor !== undefined && sample.atMs - anchor.atMs <= rule.maxGapMs));
  const kept = replaces ? chain.slice(0, -1) : chain;
  const peak = run.peak.atMs === sample.atMs ? sample : moreExtreme(rule, run.peak, sample);
  return {
    sinceMs: run.sinceMs,
    chain: [...kept, sample],
    peak,
    under: levelsOf(rule) === 1 ? noneUnder : under(rule, run, sample),
  };
}

const noneUnder: readonly null[] = [null];

const under = (rule: RuleVersion, run: Run | undefined, sample: Sample): readonly (Sample | null)[] =>
  Array.from({ length: levelsOf(rule) }, (_, level) =>
    isOver(rule, level, sample.value) ? (run?.under[level] ?? null) : sample,
  );

/** The event time at which a run will have lasted that long; undefined while its last value does not speak for that time. */
export function dueOf(rule: RuleVersion, run: Run, delayMs: number): number | undefined {
  const dueMs = run.sinceMs + delayMs;
  const lastMs = run.chain.at(-1)?.atMs ?? run.sinceMs;
  return dueMs <= lastMs + rule.maxGapMs ? dueMs : undefined;
}

/** What shows that the run held the limit of that level, and no higher one, for its delay. */
export function evidenceOf(rule: RuleVersion, run: Run, level: number, peak: Sample): Evidence {
  const deciding = [...run.chain];
  for (let higher = level + 1; higher < levelsOf(rule); higher++) {
    const breaker = run.under[higher];
    // Those that are cited could seem to hold a higher limit that others in between did not cross.
    if (breaker && deciding.every(({ value }) => isOver(rule, higher, value))) deciding.push(breaker);
  }
  return { deciding: deciding.sort((a, b) => a.atMs - b.atMs), peak };
}
