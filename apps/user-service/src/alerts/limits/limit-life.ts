import { advance } from '../life/advance.js';
import { isOver } from '../life/rule.js';
import { newState } from '../life/state.js';
import type { AlertState, RuleVersion, Sample } from '../life/types.js';

/**
 * Of what a rule remembers, most is the same for every rule of its limit: which values came, how far they were read, what waits for its
 * turn. That is kept once for the limit. A rule's own state (runs, episodes, answers) changes with few values: outside of a range that
 * follows from the state, its calm. So a value is written once for its limit and looked at by the rules whose calm it breaks, however
 * many rules there are; what they decide is what each of them would have decided with all values (shown by a property).
 */
const shared = ['settledMs', 'last', 'recentMs', 'waiting', 'offsets', 'heardMs', 'late'] as const;
type Shared = (typeof shared)[number];
const sharedFields: ReadonlySet<string> = new Set(shared);

/** What the rules of a limit know alike. Plain JSON. */
export type LimitState = Pick<AlertState, Shared>;

/** What decides of all rules of a limit alike. */
export type LimitRule = Pick<
  RuleVersion,
  'comparison' | 'threshold' | 'deadband' | 'maxGapMs' | 'staleAfterMs' | 'latenessMs'
>;

/** Values, both ends included. Nothing is within one whose `from` is above its `to`. */
export interface Range {
  readonly from: number;
  readonly to: number;
}

export const noRange: Range = { from: Infinity, to: -Infinity };
const anything: Range = { from: -Infinity, to: Infinity };
const recentMax = 16;

/** The highest event time of a source less the lateness that is allowed, with one more sample. */
export const watermarkAt = ({ latenessMs }: LimitRule, state: LimitState, atMs = 0): number =>
  Math.max(0, Math.max(atMs, state.last?.atMs ?? 0, state.waiting.at(-1)?.atMs ?? 0) - latenessMs);

/**
 * The limit after samples, in the order of their records.
 *
 * @param before undefined: nothing was heard of it yet
 * @returns with the range of the values that rules have to be asked about: those whose calm does not hold it
 */
export function followLimit(
  limit: LimitRule,
  before: LimitState | undefined,
  samples: readonly Sample[],
): { readonly after: LimitState; readonly concerns: Range } {
  const rule = asRule(limit);
  const atRest = newState(rule, '');
  let state: AlertState = { ...atRest, ...before };
  let concerns = rangeOf(state.waiting);
  for (const sample of samples) {
    concerns = isOutOfOrder(limit, state, sample) ? anything : around(concerns, sample.value);
    const { state: next } = advance(rule, state, {
      kind: 'sample',
      sample,
      watermarkMs: watermarkAt(limit, state, sample.atMs),
    });
    state = { ...atRest, ...sharedOf(next) };
  }
  return { after: sharedOf(state), concerns };
}

/** A state with what its limit knows. A rule that has evaluated nothing yet takes the values themselves: the last one may be news to it. */
export function withLimit(state: AlertState, limit: LimitState | undefined): AlertState {
  if (limit === undefined || state.last === null) return state;
  // What was decided for that time already, by a clock, came too late for this rule.
  const fromMs = Math.max(state.last.atMs, state.settledMs);
  const last = limit.last !== null && limit.last.atMs >= fromMs ? limit.last : state.last;
  return {
    ...state,
    last,
    // A clock may have decided further than the values reach, and what it took for its turn waits no longer.
    settledMs: Math.max(state.settledMs, limit.settledMs),
    waiting: limit.waiting.filter(({ atMs }) => atMs > last.atMs),
    recentMs: [...new Set([...state.recentMs, ...limit.recentMs])].sort((a, b) => a - b).slice(-recentMax),
    offsets: furthest(state.offsets, limit.offsets),
    heardMs: Math.max(state.heardMs, limit.heardMs),
    late: limit.late,
  };
}

/** Whether a rule's own part of two states differs; what is not touched stays the same object. */
export const isOwnChanged = (before: AlertState, after: AlertState): boolean =>
  Object.entries(after).some(
    ([field, value]) => !sharedFields.has(field) && before[field as keyof AlertState] !== value,
  );

/** The values that change nothing of a rule's own: under the limit while it is at rest, over it and below the peak while it is open. */
export function calmOf(rule: RuleVersion, state: AlertState): Range {
  const calm = calmValues(rule, state);
  return state.waiting.every(({ value }) => value >= calm.from && value <= calm.to) ? calm : noRange;
}

function calmValues(rule: RuleVersion, state: AlertState): Range {
  const { phase, runs, below, unknown, cooling, shelf, closed, last, episode } = state;
  const isRunning = runs.some((run) => run !== null) || below !== null;
  const isHeld = unknown !== null || cooling !== null || shelf !== null || closed !== null;
  if (isRunning || isHeld || last === null || rule.escalations.length > 0 || state.ruleVersion !== rule.version)
    return noRange;
  const isAbove = rule.comparison === 'ABOVE';
  if (episode === null && phase === 'NORMAL')
    return isAbove ? { from: -Infinity, to: rule.threshold } : { from: rule.threshold, to: Infinity };
  if (episode === null || phase !== 'ACTIVE') return noRange;
  const { value: peak } = episode.peak;
  return isAbove
    ? { from: rule.threshold - rule.deadband, to: peak }
    : { from: peak, to: rule.threshold + rule.deadband };
}

/** A rule as strict as the limit that never comes to decide anything. */
const asRule = (limit: LimitRule): RuleVersion => ({
  ...limit,
  ruleId: '',
  version: 1,
  severity: 'INFO',
  escalations: [],
  onDelayMs: Number.MAX_SAFE_INTEGER,
  offDelayMs: 0,
  maxUnknownMs: 0,
  coolDownMs: 0,
  remindEveryMs: 0,
  maxReminders: 0,
});

const sharedOf = ({ settledMs, last, recentMs, waiting, offsets, heardMs, late }: AlertState): LimitState => ({
  settledMs,
  last,
  recentMs,
  waiting,
  offsets,
  heardMs,
  late,
});

/** A late value over the limit may tell of an episode that is past; another value for the newest instant corrects what was decided. */
function isOutOfOrder(
  limit: LimitRule,
  { last, settledMs, late, recentMs }: AlertState,
  { atMs, value, place }: Sample,
): boolean {
  if (last === null) return false;
  if (atMs === last.atMs) return place.eventId !== last.place.eventId;
  return atMs < settledMs && !recentMs.includes(atMs) && (late.length > 0 || isOver(asRule(limit), 0, value));
}

const rangeOf = (samples: readonly Sample[]): Range =>
  samples.reduce((range, { value }) => around(range, value), noRange);

const around = ({ from, to }: Range, value: number): Range => ({
  from: Math.min(from, value),
  to: Math.max(to, value),
});

function furthest(a: AlertState['offsets'], b: AlertState['offsets']): AlertState['offsets'] {
  const all = { ...a };
  for (const [source, offset] of Object.entries(b)) all[source] = Math.max(offset, all[source] ?? offset);
  return all;
}
