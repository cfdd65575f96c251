import { describe, expect, it } from '@jest/globals';
import { advance } from '../life/advance.js';
import { severityRank } from '../life/rule.js';
import { newState } from '../life/state.js';
import type { Input, RuleVersion } from '../life/types.js';
import { SeededRandom, hour, minute } from '../testing/histories.js';
import { arriving, randomActs, randomSamples, rulesUnderTest, withTicks } from '../testing/random-history.js';
import { eventsOf, type Notice, type NoticeEvent, type NoticeKey, type Outcome } from './notice.js';
import { newNoticeState, plan, type NoticeState } from './plan.js';
import { defaultBudget, quietUntil, type PersonPolicy } from './policy.js';
import { localDateOf } from './zoned-time.js';

type Planner = typeof plan;

const policy: PersonPolicy = {
  personId: 'ann',
  zone: 'America/Chicago',
  quiet: { from: '21:00', to: '06:30' },
  breakThrough: 'CRITICAL',
  digestAt: '07:00',
  ...defaultBudget,
};

interface Told {
  readonly nowMs: number;
  readonly notice: Notice;
}
interface Course {
  readonly told: readonly Told[];
  readonly outcomes: readonly Outcome[];
  /** Keys of what was ever held after a step. */
  readonly held: readonly string[];
  readonly last: NoticeState;
}

const nameOf = ({ episodeId, kind, ordinal }: NoticeKey): string => `${episodeId}/${kind}/${ordinal}`;
const timeOf = (input: Input): number => {
  if (input.kind === 'sample') return input.sample.heardAtMs;
  return input.kind === 'tick' ? input.nowMs : input.atMs;
};

/** A person whose rules all live through the same days; the second rule is deleted in the middle. */
function course(planner: Planner, seed: number): Course {
  const random = new SeededRandom(seed);
  const inputs = randomActs(random, withTicks(arriving(randomSamples(random, 400), 0)));
  const lives = rulesUnderTest.map((rule): [RuleVersion, ReturnType<typeof newState>] => [
    rule,
    newState(rule, 'home'),
  ]);
  const told: Told[] = [];
  const outcomes: Outcome[] = [];
  const held = new Set<string>();
  let state = newNoticeState();
  const step = (events: readonly NoticeEvent[], nowMs: number): void => {
    const planned = planner(policy, state, events, nowMs);
    state = planned.state;
    told.push(...planned.notices.map((notice) => ({ nowMs, notice })));
    outcomes.push(...planned.outcomes);
    for (const { line } of state.held) held.add(nameOf(line.key));
  };
  const feed = (input: Input, of: number): void => {
    const life = lives[of];
    if (life === undefined) return;
    const next = advance(life[0], life[1], input);
    life[1] = next.state;
    if (next.transitions.length > 0 || input.kind === 'tick') step(next.transitions.flatMap(eventsOf), timeOf(input));
  };
  inputs.forEach((input, index) => {
    lives.forEach((_, of) => feed(input, of));
    if (index === Math.floor(inputs.length / 2))
      feed({ kind: 'rule-ended', atMs: timeOf(input), reason: 'rule-disabled' }, 1);
  });
  const endMs = Math.max(...inputs.map(timeOf));
  for (let hours = 0; hours < 72; hours++) step([], endMs + hours * hour);
  return { told, outcomes, held: [...held], last: state };
}

const interrupting = ({ told }: Course): readonly Told[] =>
  told.filter(({ notice }) => notice.delivery === 'INTERRUPT');
const lines = ({ told }: Course) => told.flatMap(({ notice }) => notice.lines);

type Property = (course: Course) => readonly string[];

const noEndWithoutBeginning: Property = (all) => {
  // Who acknowledged it before it was told knows of it.
  const known = all.outcomes.filter(({ because }) => because === 'it was acknowledged');
  const begun = new Set(known.map(({ key }) => key.episodeId));
  return lines(all).flatMap(({ key }) => {
    if (key.kind === 'raised' || key.kind === 'escalated' || key.kind === 'still-active') begun.add(key.episodeId);
    const isTold = begun.has(key.episodeId);
    return (key.kind === 'cleared' || key.kind === 'reminder' || key.kind === 'ended') && !isTold ? [nameOf(key)] : [];
  });
};

const keysAreUnique: Property = (all) => {
  const keys = lines(all).map(({ key }) => nameOf(key));
  return keys.filter((key, index) => keys.indexOf(key) !== index);
};

const everyLineHasOneOutcome: Property = ({ outcomes, held, last }) => {
  const ended = outcomes.map(({ key }) => nameOf(key));
  const without = held.filter((key) => !ended.includes(key));
  const twice = ended.filter((key, index) => ended.indexOf(key) !== index);
  return [...without, ...twice, ...last.held.map(({ line }) => nameOf(line.key))];
};

const keepsQuiet: Property = (all) =>
  interrupting(all)
    .filter(({ nowMs }) => quietUntil(policy, nowMs) !== null)
    .flatMap(({ notice }) => notice.lines)
    .filter(({ severity }) => severityRank(severity) < severityRank('CRITICAL'))
    .map(({ key }) => nameOf(key));

const keepsItsBudget: Property = (all) => {
  const times = interrupting(all).map(({ nowMs }) => nowMs);
  const close = times.filter((time, index) => index > 0 && time - (times[index - 1] ?? 0) < 10 * minute);
  const days = Map.groupBy(times, (time) => localDateOf(time, policy.zone));
  const busy = [...days].filter(([, ofDay]) => ofDay.length > policy.perDay).map(([date]) => date);
  return [...close.map(String), ...busy];
};

const oneDigestADate: Property = ({ told }) => {
  const keys = told.flatMap(({ notice }) => notice.digestKey ?? []);
  return keys.filter((key, index) => keys.indexOf(key) !== index);
};

const wasIsOneLine: Property = (all) => {
  const seen = lines(all);
  return seen
    .filter(
      ({ key }) =>
        key.kind === 'was' && seen.some((other) => other.key.episodeId === key.episodeId && other.key !== key),
    )
    .map(({ key }) => nameOf(key));
};

/** Planners with a bug. */
const withState =
  (change: (state: NoticeState) => NoticeState): Planner =>
  (of, state, events, nowMs) =>
    plan(of, change(state), events, nowMs);

const believesAllTold: Planner = (of, state, events, nowMs) => {
  const ids = events.flatMap((event) => (event.kind === 'cleared' ? [event.line.key.episodeId] : []));
  return plan(of, { ...state, told: [...state.told, ...ids] }, events, nowMs);
};
const takesEverythingTwice: Planner = (of, state, events, nowMs) => plan(of, state, [...events, ...events], nowMs);
const losesWhatWaits = withState((state) => ({ ...state, held: state.held.slice(0, 2) }));
const knowsNoZone: Planner = (of, state, events, nowMs) => plan({ ...of, zone: 'Asia/Tokyo' }, state, events, nowMs);
const forgetsInterruptions = withState((state) => ({ ...state, interruptedMs: [] }));
const sendsInHalves: Planner = (of, state, events, nowMs) => {
  const [even, odd] = [0, 1].map((half) => state.held.filter((_, index) => index % 2 === half));
  const first = plan(of, { ...state, held: even ?? [] }, events, nowMs);
  const second = plan(of, { ...first.state, held: odd ?? [], lastDigestKey: null }, [], nowMs);
  return {
    state: { ...second.state, held: [...first.state.held, ...second.state.held] },
    notices: [...first.notices, ...second.notices],
    outcomes: [...first.outcomes, ...second.outcomes],
  };
};
const doesNotFold: Planner = (of, state, events, nowMs) => {
  const split = events.flatMap((event) =>
    event.kind === 'cleared' ? [{ ...event, kind: 'late-finding' as const }] : [event],
  );
  const planned = plan(of, state, split, nowMs);
  const renamed = planned.notices.map((notice) => ({
    ...notice,
    lines: notice.lines.map((line) =>
      line.key.kind === 'cleared' ? { ...line, key: { ...line.key, kind: 'was' as const } } : line,
    ),
  }));
  return { ...planned, notices: renamed };
};

const invariants: readonly (readonly [string, Property, Readonly<Record<string, Planner>>])[] = [
  ['2: no end is told without its beginning', noEndWithoutBeginning, { believesAllTold }],
  ['8 and 14: a key is told once', keysAreUnique, { takesEverythingTwice }],
  ['11: each line is sent, folded or withdrawn, once', everyLineHasOneOutcome, { losesWhatWaits }],
  ['the quiet hours are quiet', keepsQuiet, { knowsNoZone }],
  ['the budget is kept', keepsItsBudget, { forgetsInterruptions }],
  ['there is one digest a date', oneDigestADate, { sendsInHalves }],
  ['what came and went is one line', wasIsOneLine, { doesNotFold }],
];

describe('what holds of all that a person is told', () => {
  const seeds = [1, 2, 3, 4];
  const courses = (planner: Planner) => seeds.map((seed) => course(planner, seed));
  const right = courses(plan);

  it.each(invariants)('%s', (_, property, bugs) => {
    expect(right.flatMap(property)).toEqual([]);
    for (const [name, planner] of Object.entries(bugs))
      expect([name, courses(planner).flatMap(property).length]).not.toEqual([name, 0]);
  });

  it('looks at people who are told something', () => {
    const kinds = new Set(right.flatMap((all) => lines(all).map(({ key }) => key.kind)));
    for (const kind of ['raised', 'cleared', 'escalated', 'was', 'no-data', 'still-active', 'ended-meanwhile'] as const)
      expect([kind, kinds.has(kind)]).toEqual([kind, true]);
  });
});
