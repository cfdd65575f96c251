import { hour, minute } from '../histories.js';
import type { RuleYear, TimedNotice, Year } from './run-year.js';
import { dayMs, type Interval } from './truth.js';

/** How good the alerts of a year were. Shares are from 0 to 1, times in minutes. */
export interface Measures {
  readonly truths: number;
  readonly raised: number;
  /** Raised where the signal stood at the limit: neither right nor wrong, left out of the precision. */
  readonly atLimit: number;
  readonly recall: number;
  readonly precision: number;
  /** Raises or clears that the oracle sees otherwise. */
  readonly disagreements: number;
  /** Cleared while the signal without noise crossed the limit. */
  readonly falseAllClears: number;
  /** Of scenarios at a limit for an hour or more: how many, the most notices that one gave, and how many had not exactly one clear. */
  readonly hovers: number;
  readonly noticesAtLimit: number;
  readonly hoversWithoutOneClear: number;
  /** Notices of days on which, and on whose neighbours, nothing was injected. */
  readonly onNormalDays: number;
  readonly normalDays: number;
  /** From the crossing to the notice, less the delay of the rule; digested ones left out. */
  readonly toDetectMinutes: { readonly p50: number; readonly p95: number; readonly worst: number };
  /** ISA-18.2, per person. */
  readonly interruptionsADay: number;
  readonly peakInTenMinutes: number;
  readonly peakADay: number;
  readonly shareInFlood: number;
  /** Alerts that lasted over 24 hours. */
  readonly standing: number;
  readonly chatteringIndex: number;
  readonly raisedOfSeverity: Readonly<Record<string, number>>;
  readonly digests: number;
}

const toleranceMs = 30 * minute;

export function measure(year: Year): Measures {
  const byRule = year.rules.map(matchesOf);
  const total = (of: (one: ReturnType<typeof matchesOf>) => number): number =>
    byRule.reduce((sum, one) => sum + of(one), 0);
  const raised = total(({ alerts }) => alerts);
  const atLimit = total((one) => one.atLimit);
  const truths = total((one) => one.truths);
  const hovers = year.rules.flatMap(hoversOf);
  const normal = normalDaysOf(year);
  const isa = peopleMeasures(year);
  return {
    truths,
    raised,
    atLimit,
    recall: total(({ matched }) => matched) / truths,
    precision: total(({ matched }) => matched) / (raised - atLimit),
    disagreements: year.rules.reduce((sum, one) => sum + disagreementsOf(one), 0),
    falseAllClears: year.rules.reduce((sum, one) => sum + falseAllClearsOf(one), 0),
    hovers: hovers.length,
    noticesAtLimit: Math.max(0, ...hovers.map(({ notices }) => notices)),
    hoversWithoutOneClear: hovers.filter(({ isRight }) => !isRight).length,
    ...normal,
    toDetectMinutes: toDetect(year),
    ...isa,
  };
}

/** Alerts and crossings, one to one: an alert is of the crossing that it overlaps. */
function matchesOf({ transitions, truth, injected, metric }: RuleYear) {
  const ends = transitions.filter(({ kind }) => kind === 'cleared' || kind === 'ended');
  const alerts = transitions
    .filter(({ kind }) => kind === 'raised')
    .map(({ episodeId, startMs }) => ({
      fromMs: startMs,
      toMs: ends.find((end) => end.episodeId === episodeId)?.atMs ?? Infinity,
    }));
  const free = new Set(alerts);
  let matched = 0;
  for (const crossing of truth) {
    const alert = [...free].find((one) => overlaps(one, crossing));
    if (alert === undefined) continue;
    free.delete(alert);
    matched++;
  }
  const limits = injected.filter((event) => event.metric === metric && event.scenario === 'at-limit');
  const atLimit = [...free].filter((alert) => limits.some((event) => overlaps(alert, event))).length;
  return { alerts: alerts.length, matched, truths: truth.length, atLimit };
}

const overlaps = (a: Interval, b: Interval): boolean =>
  a.fromMs < b.toMs + toleranceMs && a.toMs > b.fromMs - toleranceMs;

function disagreementsOf({ transitions, verdicts }: RuleYear): number {
  const decided = new Set(
    transitions
      .filter(({ kind }) => kind === 'raised' || kind === 'cleared')
      .map(({ kind, startMs, atMs }) => `${kind} ${startMs} ${atMs}`),
  );
  const judged = new Set(
    verdicts.flatMap(({ startMs, raisedMs, clearedMs }) => [
      `raised ${startMs} ${raisedMs}`,
      ...(clearedMs === null ? [] : [`cleared ${startMs} ${clearedMs}`]),
    ]),
  );
  const onlyIn = (a: ReadonlySet<string>, b: ReadonlySet<string>): number => [...a].filter((one) => !b.has(one)).length;
  return onlyIn(decided, judged) + onlyIn(judged, decided);
}

const falseAllClearsOf = ({ transitions, truth }: RuleYear): number =>
  transitions.filter(
    ({ kind, atMs }) => kind === 'cleared' && truth.some(({ fromMs, toMs }) => fromMs <= atMs && atMs < toMs),
  ).length;

function hoversOf({ transitions, injected, metric, rule }: RuleYear) {
  if (rule.comparison === 'BELOW') return [];
  const long = injected.filter(
    ({ metric: its, scenario }) => its === metric && (scenario === 'hover' || scenario === 'at-limit'),
  );
  return long.map((event) => {
    const meanwhile = transitions.filter(({ atMs }) => atMs >= event.fromMs && atMs < event.toMs + 4 * hour);
    const count = (wanted: string): number => meanwhile.filter(({ kind }) => kind === wanted).length;
    const [raised, cleared] = [count('raised'), count('cleared')];
    // What only stands at the limit need not be raised; what is raised is cleared once.
    const isRight = event.scenario === 'hover' ? raised === 1 && cleared === 1 : raised === cleared && raised <= 1;
    return { notices: raised + cleared + count('escalated') + count('no-data'), isRight };
  });
}

function normalDaysOf({ options, rules, people }: Year) {
  let [onNormalDays, normalDays] = [0, 0];
  people.forEach(({ policy, notices }) => {
    const injected = rules.find(({ rule }) => rule.ruleId.startsWith(`${policy.personId}/`))?.injected ?? [];
    const busy = new Set(
      injected.flatMap(({ fromMs, toMs }) => {
        const [first, last] = [Math.floor(fromMs / dayMs) - 1, Math.floor(toMs / dayMs) + 1];
        return Array.from({ length: last - first + 1 }, (_, i) => first + i);
      }),
    );
    normalDays += options.days - busy.size;
    onNormalDays += notices.filter(({ nowMs }) => !busy.has(Math.floor(nowMs / dayMs))).length;
  });
  return { onNormalDays, normalDays };
}

function toDetect({ rules, people }: Year): Measures['toDetectMinutes'] {
  const minutes = rules.flatMap(({ rule, truth, transitions }) => {
    const person = people.find(({ policy }) => rule.ruleId.startsWith(`${policy.personId}/`));
    const told = new Map(
      (person?.notices ?? []).flatMap(({ nowMs, notice }) =>
        notice.delivery === 'INTERRUPT'
          ? notice.lines.filter(({ key }) => key.kind === 'raised').map(({ key }) => [key.episodeId, nowMs] as const)
          : [],
      ),
    );
    return transitions
      .filter(({ kind }) => kind === 'raised')
      .flatMap(({ episodeId, startMs }) => {
        const toldMs = told.get(episodeId);
        const crossing = truth.find(({ fromMs, toMs }) => startMs >= fromMs - toleranceMs && startMs < toMs);
        return toldMs === undefined || crossing === undefined
          ? []
          : [(toldMs - crossing.fromMs - rule.onDelayMs) / minute];
      });
  });
  const sorted = minutes.sort((a, b) => a - b);
  const at = (share: number): number => Math.round((sorted[Math.floor(share * (sorted.length - 1))] ?? 0) * 10) / 10;
  return { p50: at(0.5), p95: at(0.95), worst: at(1) };
}

function peopleMeasures({ people, rules, options }: Year) {
  const loud = people.map(({ notices }) => notices.filter(({ notice }) => notice.delivery === 'INTERRUPT'));
  const raises = rules.map(({ transitions }) => transitions.filter(({ kind }) => kind === 'raised'));
  const perDay = loud.map((of) => mostIn(of, dayMs));
  const perTen = loud.map((of) => mostIn(of, 10 * minute));
  const severities = rules.flatMap(({ transitions }) =>
    transitions.filter(({ kind }) => kind === 'raised' || kind === 'escalated').map(({ severity }) => severity),
  );
  const raisedOfSeverity: Record<string, number> = {};
  for (const severity of severities) raisedOfSeverity[severity] = (raisedOfSeverity[severity] ?? 0) + 1;
  const lasting = rules.flatMap(({ transitions }) =>
    transitions.filter(({ kind, atMs, startMs }) => kind === 'cleared' && atMs - startMs > dayMs),
  );
  return {
    interruptionsADay: loud.reduce((sum, of) => sum + of.length, 0) / (people.length * options.days),
    peakInTenMinutes: Math.max(...perTen),
    peakADay: Math.max(...perDay),
    shareInFlood: perTen.filter((most) => most > 10).length / people.length,
    standing: lasting.length,
    chatteringIndex: Math.max(...raises.map((of) => chatteringIndex(of.map(({ atMs }) => atMs)))),
    raisedOfSeverity,
    digests: people.reduce(
      (sum, { notices }) => sum + notices.filter(({ notice }) => notice.delivery === 'DIGEST').length,
      0,
    ),
  };
}

/** The sum of P(r) / r over the seconds r between a raise and the next one of the same rule. */
function chatteringIndex(times: readonly number[]): number {
  const between = times.slice(1).map((time, i) => Math.max(1, (time - (times[i] ?? 0)) / 1_000));
  return between.length === 0 ? 0 : between.reduce((sum, seconds) => sum + 1 / seconds, 0) / between.length;
}

/** The most notices in any window of that length. */
function mostIn(notices: readonly TimedNotice[], windowMs: number): number {
  let [most, first] = [0, 0];
  notices.forEach(({ nowMs }, index) => {
    while ((notices[first]?.nowMs ?? nowMs) <= nowMs - windowMs) first++;
    most = Math.max(most, index - first + 1);
  });
  return most;
}

/** What is not as it was promised, in words; empty when all is. */
export function shortcomings(of: Measures): readonly string[] {
  const found: string[] = [];
  const demand = (isMet: boolean, text: string): void => void (isMet || found.push(text));
  demand(of.truths > 0, 'nothing happened that could be found');
  demand(of.recall === 1, `recall is ${of.recall}: it must be 1`);
  demand(of.precision >= 0.98, `precision is ${of.precision}: it must be at least 0.98`);
  demand(of.disagreements === 0, `the oracle disagrees ${of.disagreements} times`);
  demand(of.falseAllClears === 0, `${of.falseAllClears} false all-clears`);
  demand(of.hovers > 0, 'nothing stood at a limit');
  demand(of.noticesAtLimit <= 2, `${of.noticesAtLimit} notices at a limit: there must be no more than 2`);
  demand(of.hoversWithoutOneClear === 0, `${of.hoversWithoutOneClear} times at a limit without exactly one clear`);
  demand(of.normalDays > 0 && of.onNormalDays === 0, `${of.onNormalDays} notices on ${of.normalDays} normal days`);
  demand(of.chatteringIndex < 0.05, `the chattering index is ${of.chatteringIndex}: it must be below 0.05`);
  demand(of.peakInTenMinutes <= 1, `${of.peakInTenMinutes} interruptions in 10 minutes`);
  demand(of.peakADay <= 6, `${of.peakADay} interruptions in a day`);
  demand(of.shareInFlood === 0, `${of.shareInFlood} of the people had a flood`);
  return found;
}
