import { describe, expect, it } from '@jest/globals';
import { SeededRandom, live, minute, read, sampleAt, tick } from '../testing/histories.js';
import {
  arriving,
  disturbed,
  randomActs,
  randomSamples,
  rulesUnderTest,
  withTicks,
} from '../testing/random-history.js';
import { advance } from './advance.js';
import { isOver, snoozeMaxMs } from './rule.js';
import { followsFromRecords, rebuild } from './rebuild.js';
import { newState } from './state.js';
import type { AlertState, Input, RuleVersion, Sample, Transition } from './types.js';

type Machine = typeof advance;
/** What is wrong; empty when nothing is. */
type Property = (machine: Machine, rule: RuleVersion, seed: number) => readonly string[];

const seeds = Array.from({ length: 6 }, (_, seed) => seed);
const violations = (property: Property, machine: Machine = advance): readonly string[] =>
  seeds.flatMap((seed) =>
    rulesUnderTest.flatMap((rule) =>
      property(machine, rule, seed).map((text) => `${rule.ruleId}, seed ${seed}: ${text}`),
    ),
  );

const isEnd = ({ kind }: Transition): boolean => kind === 'cleared' || kind === 'ended';
const lateness = 20 * minute;

/** A day with clocks and people. */
function wholeDay(random: SeededRandom): readonly Input[] {
  return randomActs(random, withTicks(arriving(randomSamples(random), 0)));
}

/** What an episode is: the condition's part of its transitions. */
const episodesOf = (transitions: readonly Transition[]): string =>
  JSON.stringify(
    transitions
      .filter((transition) => transition.kind === 'raised' || transition.kind === 'escalated' || isEnd(transition))
      .map(({ kind, episodeId, atMs, startMs, level, peakValue, reason }) => [
        kind,
        episodeId,
        atMs,
        startMs,
        level,
        peakValue,
        reason,
      ]),
  );

const differs = (name: string, a: unknown, b: unknown): readonly string[] => (a === b ? [] : [`${name}: ${a} / ${b}`]);

const alternate: Property = (machine, rule, seed) => {
  const { transitions } = live(rule, wholeDay(new SeededRandom(seed)), { machine });
  let open: string | undefined;
  return transitions.flatMap((transition) => {
    const { kind, episodeId } = transition;
    if (kind === 'late-finding' || kind === 'ended-meanwhile') return [];
    const isWrong = kind === 'raised' ? open !== undefined : open !== episodeId;
    open = isEnd(transition) ? undefined : episodeId;
    return isWrong ? [`${kind} of ${episodeId}`] : [];
  });
};

/** 3: the limit is crossed from the beginning to the raise, by samples that leave no gap. */
const spansItsDelay: Property = (machine, rule, seed) => {
  const inputs = wholeDay(new SeededRandom(seed));
  const samples = inputs.flatMap((input) => (input.kind === 'sample' ? [input.sample] : []));
  return live(rule, inputs, { machine })
    .transitions.filter(({ kind }) => kind === 'raised')
    .flatMap(({ startMs, atMs }) => {
      const used = samples.filter((sample) => sample.atMs >= startMs && sample.atMs <= atMs);
      const times = [...used.map((sample) => sample.atMs), atMs];
      const gap = Math.max(...times.slice(1).map((time, i) => time - (times[i] ?? 0)));
      const crossed = used.filter(({ atMs: t }) => t < atMs).every(({ value }) => isOver(rule, 0, value));
      const isRight = times[0] === startMs && crossed && gap <= rule.maxGapMs && atMs - startMs >= rule.onDelayMs;
      return isRight ? [] : [`raised at ${atMs} from ${startMs}, gap ${gap}`];
    });
};

/** 4: noise within the deadband of an open episode. */
const noiseIsNothing: Property = (machine, rule, seed) => {
  const random = new SeededRandom(seed);
  const isAbove = rule.comparison === 'ABOVE';
  const over = isAbove ? rule.threshold + 1 : rule.threshold - 1;
  const opened = [0, 5, 10, 15, 20, 25, 30, 35, 40, 45, 50, 55, 60, 65].map((at) => read(sampleAt(at, over)));
  const noise = Array.from({ length: 300 }, (_, i) => {
    const depth = random.next() * rule.deadband;
    return read(sampleAt(70 + i * 3, isAbove ? rule.threshold - depth : rule.threshold + depth));
  });
  const { transitions } = live({ ...rule, maxReminders: 0 }, [...opened, ...noise], { machine });
  return transitions.length === 1 ? [] : [transitions.map(({ kind }) => kind).join()];
};

/** 5: nothing is heard after the alert, or only values that are none. */
const silenceClearsNothing: Property = (machine, rule, seed) => {
  const samples = randomSamples(new SeededRandom(seed), 60);
  const last = samples.at(-1)?.atMs ?? 0;
  const over = rule.comparison === 'ABOVE' ? rule.threshold + 1 : rule.threshold - 1;
  const opening = Array.from({ length: 20 }, (_, i) => ({ atMs: last + (i + 1) * 4 * minute, value: over }));
  // Where one value does not speak for the whole delay, one that is well under the limit does not end it either.
  const isShort = rule.maxGapMs < rule.offDelayMs;
  const wellUnder = { atMs: last + 81 * minute, value: rule.comparison === 'ABOVE' ? -1e3 : 1e3 };
  const tail = [...opening, ...(isShort ? [wellUnder] : [])];
  const samplesAll = [...samples, ...tail.map((one) => ({ ...sampleAt(0, 0), ...one, heardAtMs: one.atMs }))];
  const before = live(rule, arriving(samplesAll, 0), { machine });
  const endMs = last + 82 * minute;
  const broken = [Number.NaN, Infinity].map((value, i) => read({ ...sampleAt(0, value), atMs: endMs + 1_000 + i }));
  const ticks = Array.from({ length: 100 }, (_, i) => tick((endMs - sampleAt(0, 0).atMs) / minute + i * 10));
  const { transitions } = live(rule, [...broken, ...ticks], { state: before.state, machine });
  const cleared = transitions.filter(({ kind }) => kind === 'cleared').map(({ atMs }) => `cleared at ${atMs}`);
  const isTold = transitions.some(({ kind }) => kind === 'no-data');
  return before.state.phase === (isShort ? 'RECOVERING' : 'ACTIVE') && isTold
    ? cleared
    : [...cleared, `it was ${before.state.phase}`];
};

/** 6: what people do changes no episode. */
const peopleChangeNoEpisode: Property = (machine, rule, seed) => {
  const inputs = withTicks(arriving(randomSamples(new SeededRandom(seed)), 0));
  const acted = randomActs(new SeededRandom(seed + 1_000), inputs);
  const [alone, withPeople] = [inputs, acted].map((all) => episodesOf(live(rule, all, { machine }).transitions));
  return differs('episodes', alone, withPeople);
};

/** The watermark passes everything at the end. */
const finished = (inputs: readonly Input[]): readonly Input[] => [
  ...inputs,
  { kind: 'tick', nowMs: 0, watermarkMs: (randomSamples(new SeededRandom(0)).at(-1)?.atMs ?? 0) * 2, caughtUp: false },
];

/** 7: shuffled inside the lateness, duplicated, and started again from what was stored after any record. */
const orderChangesNothing: Property = (machine, rule, seed) => {
  const late = { ...rule, latenessMs: lateness };
  const samples = randomSamples(new SeededRandom(seed));
  const inOrder = live(late, finished(arriving(samples, lateness)), { machine });
  const shuffled = disturbed(new SeededRandom(seed + 500), samples, lateness);
  const restarting: Machine = (of, state, input) =>
    machine(of, JSON.parse(JSON.stringify(state)) as AlertState, JSON.parse(JSON.stringify(input)) as Input);
  const again = live(late, finished(arriving(shuffled, lateness)), { machine: restarting });
  const keys = (transitions: readonly Transition[]) =>
    transitions.map(({ episodeId, ordinal, kind }) => `${episodeId}/${ordinal}/${kind}`).join();
  return [
    ...differs('episodes', episodesOf(inOrder.transitions), episodesOf(again.transitions)),
    ...differs('keys', keys(inOrder.transitions), keys(again.transitions)),
  ];
};

/** 8: the key of each transition, and so of each notice, is there once. */
const keysAreUnique: Property = (machine, rule, seed) => {
  const { transitions } = live(rule, wholeDay(new SeededRandom(seed)), { machine });
  const keys = transitions.map(({ episodeId, ordinal }) => `${episodeId}/${ordinal}`);
  return differs('keys', keys.length, new Set(keys).size);
};

/** 9: a snooze without an end, and one of a thousand years. */
const snoozesEnd: Property = (machine, rule, seed) => {
  const atMs = sampleAt(seed, 0).atMs;
  return [null, 9e15].flatMap((untilMs) => {
    const snoozed = live(rule, [{ kind: 'snooze', atMs, untilMs }], { machine });
    const after = live(rule, [{ ...tick(0), nowMs: atMs + snoozeMaxMs } as Input], { state: snoozed.state, machine });
    return after.state.shelf === null ? [] : [`still on the shelf after ${snoozeMaxMs} ms`];
  });
};

/** 10: what was acknowledged is told again when it gets worse. */
const worseIsTold: Property = (machine, rule, seed) => {
  const [worst] = rule.escalations;
  if (worst === undefined) return [];
  const isAbove = rule.comparison === 'ABOVE';
  const steps = Array.from({ length: 40 }, (_, i) => i * 4);
  const value = (at: number) => (at < 80 ? rule.threshold : worst.threshold) + (isAbove ? 1 : -1);
  const inputs = steps.flatMap((at): readonly Input[] => {
    const sample = read(sampleAt(at, value(at)));
    return at === 76 ? [sample, { kind: 'ack', atMs: sampleAt(at + seed / 50, 0).atMs }] : [sample];
  });
  const { state, transitions } = live(rule, inputs, { machine });
  const told = transitions
    .filter(({ kind }) => kind === 'escalated' || kind === 'acknowledged')
    .map(({ kind }) => kind);
  return told.join() === 'acknowledged,escalated' && state.ackedLevel === null ? [] : [`${told.join()}`];
};

/** 12: nothing of a version after the next one took effect. */
const oldVersionsAreSilent: Property = (machine, rule, seed) => {
  const random = new SeededRandom(seed);
  const inputs = wholeDay(random);
  const half = Math.floor(inputs.length / 2);
  const first = live(rule, inputs.slice(0, half), { machine });
  const next = { ...rule, version: 2 };
  const changed = machine(next, first.state, inputs[half] ?? tick(0));
  const stragglers = live(rule, inputs.slice(half), { state: changed.state, machine });
  return stragglers.transitions.map(({ kind }) => `${kind} of version 1`);
};

/** 13: how many partitions there are, and how far each consumer's watermark is. */
const partitionsChangeNothing: Property = (machine, rule, seed) => {
  const late = { ...rule, latenessMs: lateness };
  const samples = randomSamples(new SeededRandom(seed));
  const [one, many] = [1, 4].map((partitions) =>
    episodesOf(
      live(late, finished(arriving(samples, lateness * (partitions === 1 ? 1 : 2), partitions)), { machine })
        .transitions,
    ),
  );
  return differs('episodes', one, many);
};

/** 14: everything again, from the first record. */
const replaysAreSilent: Property = (machine, rule, seed) => {
  const inputs = arriving(randomSamples(new SeededRandom(seed)), 0);
  const { state } = live(rule, inputs, { machine });
  return live(rule, inputs, { state, machine }).transitions.map(({ kind }) => kind);
};

/** What is cited is enough, and stays small. */
const isRebuilt: Property = (machine, rule, seed) => {
  const { transitions } = live(rule, wholeDay(new SeededRandom(seed)), { machine });
  return transitions.flatMap((transition, index) => {
    if (!followsFromRecords(transition)) return [];
    const before = transitions
      .slice(0, index)
      .filter(({ kind }) => kind !== 'late-finding' && kind !== 'ended-meanwhile');
    const lastOpen =
      transition.kind === 'raised'
        ? before.slice(-1)
        : before.filter(({ episodeId }) => episodeId === transition.episodeId);
    const again = JSON.stringify(rebuild(rule, lastOpen, transition));
    const tooMany =
      transition.evidence.deciding.length >
      2 + (2 * Math.max(rule.onDelayMs, rule.offDelayMs)) / rule.maxGapMs + rule.escalations.length;
    return [...differs(transition.kind, JSON.stringify(transition), again), ...(tooMany ? ['too much is cited'] : [])];
  });
};

/** Whatever comes, nothing is thrown, and what is remembered stays small. */
const isTotal: Property = (machine, rule, seed) => {
  const random = new SeededRandom(seed);
  const extremes = [
    0,
    -1,
    1,
    90,
    1e9,
    1.7e12,
    8.64e15,
    -8.64e15,
    Number.MAX_SAFE_INTEGER,
    Infinity,
    -Infinity,
    Number.NaN,
  ];
  const any = (): number =>
    (random.below(3) === 0 ? extremes[random.below(extremes.length)] : undefined) ?? 1.7e12 + random.below(1e8);
  const input = (offset: number): Input => {
    const place = { topic: 't', partition: random.below(40), offset, eventId: `${random.below(50)}` };
    const sample = { atMs: any(), value: any(), heardAtMs: any(), revision: random.below(3), place };
    const inputs: readonly Input[] = [
      { kind: 'tick', nowMs: any(), watermarkMs: any(), caughtUp: random.below(2) === 0 },
      { kind: 'ack', atMs: any(), episodeId: 'another' },
      { kind: 'snooze', atMs: any(), untilMs: any() },
      { kind: 'maintenance', atMs: any(), reason: random.below(2) === 0 ? 'works' : null },
    ];
    return inputs[random.below(12)] ?? { kind: 'sample', sample, watermarkMs: random.below(4) === 0 ? any() : 0 };
  };
  const { state } = live(
    rule,
    Array.from({ length: 700 }, (_, offset) => input(offset)),
    { machine },
  );
  const bytes = JSON.stringify(state).length;
  return bytes < 50_000 ? [] : [`${bytes} bytes`];
};

/** The same in another unit. */
const unitsChangeNothing: Property = (machine, rule, seed) => {
  const other = (value: number): number => value * 2 + 32;
  const inputs = arriving(randomSamples(new SeededRandom(seed)), 0);
  const converted = inputs.map((input): Input =>
    input.kind === 'sample' ? { ...input, sample: { ...input.sample, value: other(input.sample.value) } } : input,
  );
  const escalations = rule.escalations.map((one) => ({ ...one, threshold: other(one.threshold) }));
  const ruleInIt = { ...rule, threshold: other(rule.threshold), deadband: rule.deadband * 2, escalations };
  const [here, there] = [live(rule, inputs, { machine }), live(ruleInIt, converted, { machine })].map(
    ({ transitions }) =>
      transitions.map(({ kind, episodeId, atMs, level }) => `${kind} ${episodeId} ${atMs} ${level}`).join(),
  );
  return differs('transitions', here, there);
};

/** A limit that is harder to cross never gives more time with an alert. */
const stricterIsShorter: Property = (machine, rule, seed) => {
  const inputs = withTicks(arriving(randomSamples(new SeededRandom(seed)), 0));
  const openMs = (threshold: number): number =>
    live({ ...rule, threshold, escalations: [] }, inputs, { machine }).transitions.reduce(
      (sum, transition) =>
        sum + (isEnd(transition) ? transition.atMs : transition.kind === 'raised' ? -transition.atMs : 0),
      0,
    );
  const stricter = rule.comparison === 'ABOVE' ? 2 : -2;
  const [loose, strict] = [openMs(rule.threshold), openMs(rule.threshold + stricter)];
  // What is open at the end has no end to be counted with.
  return loose < 0 || strict < 0 || strict <= loose ? [] : [`${strict} / ${loose}`];
};

/** Machines with a bug. */
const withState =
  (change: (state: AlertState, input: Input) => AlertState): Machine =>
  (rule, state, input) =>
    advance(rule, change(state, input), input);
const withRule =
  (change: (rule: RuleVersion) => RuleVersion): Machine =>
  (rule, state, input) =>
    advance(change(rule), state, input);

const forgetsEpisodes = withState((state, { kind }) =>
  kind === 'tick' && state.phase === 'ACTIVE' ? { ...state, phase: 'NORMAL', episode: null } : state,
);
const bridgesGaps = withRule((rule) => ({ ...rule, maxGapMs: 24 * 60 * minute }));
const knowsNoDeadband = withRule((rule) => ({ ...rule, deadband: 0 }));
const takesSilenceForGood: Machine = (rule, state, input) => {
  if (input.kind !== 'tick' || state.phase !== 'ACTIVE' || state.last === null) return advance(rule, state, input);
  const good = { ...state.last, atMs: input.nowMs, value: rule.comparison === 'ABOVE' ? -1e6 : 1e6 };
  const place = { ...good.place, offset: good.place.offset + 1e6 };
  return advance(rule, state, read({ ...good, place }, input.nowMs));
};
const deafWhileSnoozed: Machine = (rule, state, input) =>
  state.shelf !== null && input.kind === 'sample' ? { state, transitions: [] } : advance(rule, state, input);
const doesNotWait: Machine = (rule, state, input) =>
  advance(rule, state, input.kind === 'sample' ? { ...input, watermarkMs: input.sample.atMs } : input);
const losesWhatWaits = withState((state) => ({ ...state, waiting: state.waiting.filter((_, i) => i !== 4) }));
const countsFromOne = withState((state) =>
  state.episode === null ? state : { ...state, episode: { ...state.episode, transitions: 0 } },
);
const snoozesForEver = withState((state) =>
  state.shelf === null ? state : { ...state, shelf: { ...state.shelf, untilMs: Number.MAX_SAFE_INTEGER } },
);
const acknowledgesForEver: Machine = (rule, state, input) => {
  const next = advance(rule, state, input);
  const isAcked = state.ackedLevel !== null;
  return isAcked ? { ...next, transitions: next.transitions.filter(({ kind }) => kind !== 'escalated') } : next;
};
const knowsNoVersions = withState((state) => ({ ...state, ruleVersion: 1, closed: null }));
const mixesPartitions: Machine = (rule, state, input) => {
  if (input.kind !== 'sample') return advance(rule, state, input);
  const place = { ...input.sample.place, partition: 0 };
  return advance(rule, state, { ...input, sample: { ...input.sample, place } });
};
const forgetsWhatItRead = withState((state) => ({ ...state, offsets: {}, settledMs: 0, last: null, recentMs: [] }));
const citesTheFirstOnly: Machine = (rule, state, input) => {
  const next = advance(rule, state, input);
  const few = (all: readonly Sample[]) => all.slice(0, 1);
  const cut = next.transitions.map((one) => ({
    ...one,
    evidence: { ...one.evidence, deciding: few(one.evidence.deciding) },
  }));
  return { ...next, transitions: cut };
};

const deadbandInFahrenheit = withRule((rule) => ({ ...rule, deadband: 2 }));
const slowerAtSomeLimits: Machine = (rule, state, input) => {
  const isOdd = Math.floor(rule.threshold) % 4 === 2;
  return advance(isOdd ? { ...rule, onDelayMs: rule.onDelayMs + 60 * minute } : rule, state, input);
};

const keepsEverything = withState((state) => ({
  ...state,
  suppressedBy: `${state.suppressedBy ?? ''}${'x'.repeat(100)}`,
}));

const invariants: readonly (readonly [string, Property, Readonly<Record<string, Machine>>])[] = [
  ['1: raises and ends alternate', alternate, { forgetsEpisodes }],
  ['3: a raise spans its delay without a gap', spansItsDelay, { bridgesGaps }],
  ['4: noise within the deadband is nothing', noiseIsNothing, { knowsNoDeadband }],
  ['5: no data and no value clear nothing', silenceClearsNothing, { takesSilenceForGood, bridgesGaps }],
  ['6: people change no episode', peopleChangeNoEpisode, { deafWhileSnoozed }],
  ['7: order, duplicates and restarts change nothing', orderChangesNothing, { doesNotWait, losesWhatWaits }],
  ['8: the key of a transition is unique', keysAreUnique, { countsFromOne }],
  ['9: every snooze ends', snoozesEnd, { snoozesForEver }],
  ['10: what gets worse is told in spite of an acknowledgement', worseIsTold, { acknowledgesForEver }],
  ['12: an old version is silent', oldVersionsAreSilent, { knowsNoVersions }],
  ['13: partitions and consumers change nothing', partitionsChangeNothing, { mixesPartitions }],
  ['14: a replay tells nothing', replaysAreSilent, { forgetsWhatItRead }],
  ['whatever comes, what is remembered is bounded', isTotal, { keepsEverything }],
  ['units change nothing', unitsChangeNothing, { deadbandInFahrenheit }],
  ['a stricter limit gives no more time with an alert', stricterIsShorter, { slowerAtSomeLimits }],
  ['every alert is made again from the few records that it cites', isRebuilt, { citesTheFirstOnly }],
];

describe('what holds of every history', () => {
  it.each(invariants)('%s', (_, property, bugs) => {
    expect(violations(property)).toEqual([]);
    // A property that no bug breaks would show nothing.
    for (const [name, machine] of Object.entries(bugs))
      expect([name, violations(property, machine).length]).not.toEqual([name, 0]);
  });

  it('looks at histories in which things happen', () => {
    const all = seeds.flatMap((seed) =>
      rulesUnderTest.flatMap((rule) => live(rule, wholeDay(new SeededRandom(seed))).transitions),
    );
    const count: Record<string, number> = {};
    for (const { kind } of all) count[kind] = (count[kind] ?? 0) + 1;
    for (const kind of [
      'raised',
      'escalated',
      'updated',
      'cleared',
      'no-data',
      'data-back',
      'ended',
      'acknowledged',
      'reminder',
      'still-active',
      'ended-meanwhile',
    ])
      expect([kind, (count[kind] ?? 0) >= 3]).toEqual([kind, true]);
    expect(JSON.stringify(newState(rulesUnderTest[0] as RuleVersion, 'home')).length).toBeLessThan(600);
  });
});
