import { advance } from './advance.js';
import { moreExtreme } from './rule.js';
import { newState } from './state.js';
import type { AlertState, Episode, Evidence, RuleVersion, Sample, Transition, TransitionKind } from './types.js';

/** What follows from records. The others follow from what a person or an operator did, or from a clock alone. */
const kindsFromRecords: ReadonlySet<TransitionKind> = new Set([
  'raised',
  'escalated',
  'updated',
  'cleared',
  'no-data',
  'data-back',
  'late-finding',
]);

export const followsFromRecords = ({ kind, reason }: Pick<Transition, 'kind' | 'reason'>): boolean =>
  kindsFromRecords.has(kind) || reason === 'no-data';

/** What is claimed of a transition, without what it is to be rebuilt to. */
export type Claim = Pick<Transition, 'kind' | 'placeId' | 'atMs' | 'quietBecause' | 'reason' | 'evidence'>;

/**
 * Makes a transition again, from the version of its rule and the records that it cites, by the machine that made it.
 *
 * @param before the transitions of its episode before it, in order; of a `raised` the end of the episode before it, or none
 * @returns the same transition; undefined when the records do not lead to it
 */
export function rebuild(rule: RuleVersion, before: readonly Transition[], claim: Claim): Transition | undefined {
  const { peak } = claim.evidence;
  const isLate = claim.kind === 'late-finding';
  const isBeginning = isLate || claim.kind === 'raised';
  const samples = isBeginning ? withPeak(claim.evidence) : claim.evidence.deciding;
  let state = isLate ? stateBeforeLate(rule, claim.placeId, samples) : resume(rule, before, claim, peak);
  const found: Transition[] = [];
  const feed = (samples: readonly Sample[]): void => {
    for (const sample of samples) {
      // Each came once, whatever partition it came by.
      const input = { kind: 'sample', sample: { ...sample }, watermarkMs: sample.atMs } as const;
      const next = advance(rule, { ...state, offsets: {} }, input);
      state = next.state;
      found.push(...next.transitions);
    }
  };
  feed(isLate ? samples.slice(-1) : samples);
  const isSilence = claim.kind === 'no-data' || claim.reason === 'no-data';
  const last = advance(rule, state, {
    kind: 'tick',
    nowMs: claim.atMs + 1,
    watermarkMs: isSilence || isLate ? 0 : claim.atMs + 1,
    caughtUp: isSilence,
  });
  return [...found, ...last.transitions].find(({ kind, atMs }) => kind === claim.kind && atMs === claim.atMs);
}

/** The peak of what begins is one of its samples; a later one may lie before those that decide. */
const withPeak = ({ deciding, peak }: Evidence): readonly Sample[] =>
  peak === null || deciding.some(({ atMs }) => atMs === peak.atMs)
    ? deciding
    : [...deciding, peak].sort((a, b) => a.atMs - b.atMs);

function stateBeforeLate(rule: RuleVersion, placeId: string, samples: readonly Sample[]): AlertState {
  const settledMs = (samples.at(-1)?.atMs ?? 0) + 1;
  return { ...newState(rule, placeId), settledMs, late: samples.slice(0, -1) };
}

/** The state that the transitions before it left, as far as it decides. */
function resume(rule: RuleVersion, before: readonly Transition[], claim: Claim, peak: Evidence['peak']): AlertState {
  const last = before.at(-1);
  const flags: Pick<AlertState, 'maintenance' | 'suppressedBy' | 'shelf'> = {
    maintenance: claim.quietBecause === 'maintenance' ? 'held' : null,
    suppressedBy: claim.quietBecause === 'suppressed' ? 'held' : null,
    shelf:
      claim.quietBecause === 'shelved'
        ? { untilMs: Number.MAX_SAFE_INTEGER, oneShot: false, endedMeanwhile: [] }
        : null,
  };
  const fresh = { ...newState(rule, claim.placeId), ...flags };
  if (last === undefined) return fresh;
  if (last.kind === 'cleared') {
    const untilMs = last.atMs + rule.coolDownMs;
    return { ...fresh, phase: 'COOLING', cooling: { untilMs, level: last.peakLevel } };
  }
  const peaks = [last.evidence.peak, peak].filter((sample) => sample !== null);
  const [first] = peaks;
  if (claim.kind === 'raised' || first === undefined) return fresh;
  const isUnknown = last.phase === 'UNKNOWN';
  const silence = before.findLast(({ kind }) => kind === 'no-data');
  return {
    ...fresh,
    phase: isUnknown ? 'UNKNOWN' : 'ACTIVE',
    unknown: isUnknown ? { prior: 'ACTIVE', sinceMs: silence?.atMs ?? last.atMs } : null,
    heardMs: isUnknown ? 1 : 0,
    episode: episodeOf(
      last,
      peaks.reduce((a, b) => moreExtreme(rule, a, b)),
    ),
  };
}

const episodeOf = (last: Transition, peak: Sample): Episode => ({
  id: last.episodeId,
  startMs: last.startMs,
  level: last.level,
  peakLevel: last.peakLevel,
  peak,
  reopened: last.reopened,
  transitions: last.ordinal,
  toldLevel: last.peakLevel,
  flaps: 0,
  reminders: 0,
  remindAtMs: null,
});
