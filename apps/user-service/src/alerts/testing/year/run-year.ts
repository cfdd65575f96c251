import { createHash } from 'node:crypto';
import { advance } from '../../life/advance.js';
import { newState } from '../../life/state.js';
import type { AlertState, Input, RuleVersion, Transition } from '../../life/types.js';
import { Watermark } from '../../life/watermark.js';
import { eventsOf, type Notice } from '../../notices/notice.js';
import { newNoticeState, plan, type NoticeState } from '../../notices/plan.js';
import { defaultBudget, type PersonPolicy } from '../../notices/policy.js';
import { SeededRandom, hour, minute } from '../histories.js';
import { feedOf, latenessMs, outagesOf, type Arrival } from './feed.js';
import { judge, type Verdict } from './oracle.js';
import {
  CleanSignal,
  crossings,
  dayMs,
  inject,
  limits,
  yearCities,
  yearStartMs,
  type Injected,
  type Interval,
  type Metric,
  type YearCity,
} from './truth.js';

export interface YearOptions {
  readonly seed: number;
  /** Days of the year, the first is 0. */
  readonly firstDay: number;
  readonly days: number;
  readonly cities: number;
  readonly machine?: typeof advance;
}

/** Two cities from the end of May on: what the tests live through. */
export const season: YearOptions = { seed: 7, firstDay: 148, days: 50, cities: 2 };

export interface TimedNotice {
  readonly nowMs: number;
  readonly notice: Notice;
}

/** What became of one rule. */
export interface RuleYear {
  readonly rule: RuleVersion;
  readonly metric: Metric;
  readonly city: string;
  readonly transitions: readonly Transition[];
  /** What the oracle says of the same records. */
  readonly verdicts: readonly Verdict[];
  /** When the signal without noise crosses the limit for at least the delay. */
  readonly truth: readonly Interval[];
  readonly injected: readonly Injected[];
}

export interface PersonYear {
  readonly policy: PersonPolicy;
  readonly notices: readonly TimedNotice[];
}

export interface Year {
  readonly options: YearOptions;
  readonly rules: readonly RuleYear[];
  readonly people: readonly PersonYear[];
  readonly samples: number;
  readonly inputs: number;
  /** Of everything that was decided and told. */
  readonly digest: string;
}

const rule = (ruleId: string, more: Partial<RuleVersion>): RuleVersion => ({
  ruleId,
  version: 1,
  comparison: 'ABOVE',
  threshold: limits.heat,
  deadband: 3,
  severity: 'WARNING',
  escalations: [],
  onDelayMs: 30 * minute,
  offDelayMs: 30 * minute,
  maxGapMs: 15 * minute,
  staleAfterMs: 30 * minute,
  maxUnknownMs: 6 * hour,
  coolDownMs: 60 * minute,
  latenessMs,
  remindEveryMs: 0,
  maxReminders: 0,
  ...more,
});

const kindsOfRules = (person: string): readonly (readonly [Metric, RuleVersion])[] => [
  ['temperature', rule(`${person}/heat`, {})],
  ['temperature', rule(`${person}/cold`, { comparison: 'BELOW', threshold: limits.cold })],
  [
    'air',
    rule(`${person}/smoke`, {
      threshold: limits.smoke,
      deadband: 12,
      escalations: [{ threshold: limits.worseSmoke, severity: 'CRITICAL' }],
    }),
  ],
];

/** One rule while it lives. */
interface Life {
  readonly metric: Metric;
  readonly rule: RuleVersion;
  state: AlertState;
  readonly transitions: Transition[];
}

class Person {
  readonly notices: TimedNotice[] = [];
  readonly lives: readonly Life[];
  #state: NoticeState = newNoticeState();

  constructor(
    readonly policy: PersonPolicy,
    private readonly machine: typeof advance,
  ) {
    this.lives = kindsOfRules(policy.personId).map(([metric, of]) => ({
      metric,
      rule: of,
      state: newState(of, 'home'),
      transitions: [],
    }));
  }

  take(input: Input, nowMs: number, metric?: Metric): void {
    const events = this.lives.flatMap((life) => {
      if (metric !== undefined && life.metric !== metric) return [];
      const next = this.machine(life.rule, life.state, input);
      life.state = next.state;
      life.transitions.push(...next.transitions);
      return next.transitions.flatMap(eventsOf);
    });
    if (events.length === 0 && this.#state.held.length === 0) return;
    const planned = plan(this.policy, this.#state, events, nowMs);
    this.#state = planned.state;
    for (const notice of planned.notices) this.notices.push({ nowMs, notice });
  }

  /** What is left of it when its process dies is what was stored. */
  restart(): void {
    for (const life of this.lives) life.state = JSON.parse(JSON.stringify(life.state)) as AlertState;
    this.#state = JSON.parse(JSON.stringify(this.#state)) as NoticeState;
  }
}

/** Lives through a year, or a part of one: the same seed gives the same alerts. */
export function runYear(options: YearOptions): Year {
  const rules: RuleYear[] = [];
  const people: PersonYear[] = [];
  let [samples, inputs] = [0, 0];
  yearCities.slice(0, options.cities).forEach((city, index) => {
    const random = new SeededRandom(options.seed * 1_000 + index);
    const fromMs = yearStartMs + options.firstDay * dayMs;
    const of = { fromMs, toMs: fromMs + options.days * dayMs };
    const signal = new CleanSignal(city, inject(random, city, options.firstDay, options.days));
    const outages = outagesOf(random, signal, of);
    const arrivals = feedOf(random, signal, of, outages, `signals of ${city.name}`);
    const persons = peopleOf(city, options.machine ?? advance);
    samples += arrivals.length;
    inputs += liveThrough(random, persons, arrivals);
    const values = { temperature: inTime(arrivals, 'temperature'), air: inTime(arrivals, 'air') };
    for (const person of persons) {
      people.push({ policy: person.policy, notices: person.notices });
      for (const life of person.lives)
        rules.push({
          ...life,
          city: city.name,
          verdicts: verdictsOf(life, values[life.metric]),
          truth: truthOf(signal, life, of),
          injected: signal.injected,
        });
    }
  });
  const told = JSON.stringify([rules.map(({ transitions }) => transitions), people.map(({ notices }) => notices)]);
  return { options, rules, people, samples, inputs, digest: createHash('sha256').update(told).digest('hex') };
}

function peopleOf(city: YearCity, machine: typeof advance): readonly Person[] {
  const common = { zone: city.zone, digestAt: '07:00', ...defaultBudget };
  return [
    new Person(
      {
        ...common,
        personId: `${city.name}, quiet at night`,
        quiet: { from: '22:00', to: '07:00' },
        breakThrough: 'CRITICAL',
      },
      machine,
    ),
    new Person({ ...common, personId: `${city.name}, always`, quiet: null, breakThrough: null }, machine),
  ];
}

function liveThrough(random: SeededRandom, persons: readonly Person[], arrivals: readonly Arrival[]): number {
  const watermarks = { temperature: new Watermark(latenessMs, 5 * minute), air: new Watermark(latenessMs, 5 * minute) };
  const tickMs = 5 * minute;
  let inputs = 0;
  let nextTickMs = (arrivals[0]?.sample.heardAtMs ?? 0) + tickMs;
  const feed = ({ metric, sample }: Arrival): void => {
    const watermarkMs = watermarks[metric].observe(sample.atMs, sample.heardAtMs);
    for (const person of persons) person.take({ kind: 'sample', sample, watermarkMs }, sample.heardAtMs, metric);
    inputs++;
  };
  arrivals.forEach((arrival, index) => {
    for (; nextTickMs < arrival.sample.heardAtMs; nextTickMs += tickMs) {
      const tick: Input = { kind: 'tick', nowMs: nextTickMs, watermarkMs: 0, caughtUp: true };
      for (const person of persons) person.take(tick, nextTickMs);
      inputs++;
    }
    feed(arrival);
    if (random.below(2_000) !== 0) return;
    // A process dies behind its commit, and the one that takes over reads some records again.
    for (const person of persons) person.restart();
    for (const again of arrivals.slice(Math.max(0, index - 20), index + 1)) feed(again);
  });
  const last = arrivals.at(-1)?.sample.heardAtMs ?? 0;
  for (let minutes = 5; minutes <= 36 * 60; minutes += 5) {
    const tick: Input = { kind: 'tick', nowMs: last + minutes * minute, watermarkMs: 0, caughtUp: true };
    for (const person of persons) person.take(tick, tick.nowMs);
  }
  return inputs;
}

/** The records that came in time, each instant once, ascending. */
function inTime(arrivals: readonly Arrival[], metric: Metric): readonly (readonly [number, number])[] {
  const values = new Map<number, number>();
  for (const { sample, metric: its, isLate } of arrivals)
    if (its === metric && !isLate) values.set(sample.atMs, sample.value);
  return [...values].sort(([a], [b]) => a - b);
}

function verdictsOf({ rule: of }: Life, values: readonly (readonly [number, number])[]): readonly Verdict[] {
  const sign = of.comparison === 'ABOVE' ? 1 : -1;
  return judge(
    {
      isOver: (value) => (value - of.threshold) * sign > 0,
      isWellUnder: (value) => sign * value < sign * of.threshold - of.deadband,
      onDelayMs: of.onDelayMs,
      offDelayMs: of.offDelayMs,
      maxGapMs: of.maxGapMs,
    },
    values,
  );
}

const truthOf = (signal: CleanSignal, { rule: of, metric }: Life, within: Interval): readonly Interval[] =>
  crossings(signal, metric, within, (value) =>
    of.comparison === 'ABOVE' ? value > of.threshold : value < of.threshold,
  ).filter(({ fromMs, toMs }) => toMs - fromMs >= of.onDelayMs);

/** What was decided, a line each: rule, what, from when and when. */
export const linesOf = ({ rules }: Year): readonly string[] =>
  rules.flatMap(({ rule: { ruleId }, transitions }) =>
    transitions.map(({ kind, startMs, atMs, episodeId, peakValue }) =>
      [ruleId, kind, new Date(startMs).toISOString(), new Date(atMs).toISOString(), peakValue, episodeId].join(' | '),
    ),
  );
