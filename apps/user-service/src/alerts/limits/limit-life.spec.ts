import { describe, expect, it } from '@jest/globals';
import { advance } from '../life/advance.js';
import { followsFromRecords } from '../life/rebuild.js';
import { newState } from '../life/state.js';
import type { AlertState, Input, RuleVersion, Sample, Transition } from '../life/types.js';
import { SeededRandom, hot, live, minute, sampleAt, start } from '../testing/histories.js';
import { arriving, disturbed, randomActs, randomSamples, withTicks } from '../testing/random-history.js';
import { calmOf, followLimit, isOwnChanged, noRange, withLimit, type LimitState, type Range } from './limit-life.js';

const plain: RuleVersion = { ...hot, escalations: [], latenessMs: 5 * minute };
const rules: readonly RuleVersion[] = [
  plain,
  { ...plain, ruleId: 'instant', onDelayMs: 0, offDelayMs: 0, coolDownMs: 0 },
  { ...plain, ruleId: 'slow', onDelayMs: 60 * minute, offDelayMs: 30 * minute },
];
const below: readonly RuleVersion[] = rules.map((rule) => ({ ...rule, comparison: 'BELOW', threshold: 88 }));

/** Rules of one limit, as the service keeps them: what is shared once, and each one's own when it changed. */
class Kept {
  limit: LimitState | undefined;
  readonly transitions: Transition[] = [];
  looks = 0;
  writes = 0;
  readonly #own: { rule: RuleVersion; state: AlertState; calm: Range }[];

  constructor(of: readonly RuleVersion[]) {
    this.#own = of.map((rule) => ({ rule, state: newState(rule, 'home'), calm: noRange }));
  }

  take(samples: readonly Sample[]): void {
    const [{ rule: limit } = { rule: plain }] = this.#own;
    const { after, concerns } = followLimit(limit, this.limit, samples);
    for (const own of this.#own) {
      if (own.calm.from <= concerns.from && concerns.to <= own.calm.to) continue;
      this.#look(own, (rule, state) => {
        let next = { state, transitions: [] as readonly Transition[] };
        for (const sample of samples) {
          const highestMs = Math.max(sample.atMs, next.state.last?.atMs ?? 0, next.state.waiting.at(-1)?.atMs ?? 0);
          const { state: later, transitions } = advance(rule, next.state, {
            ...{ kind: 'sample', sample, watermarkMs: Math.max(0, highestMs - rule.latenessMs) },
          });
          next = { state: later, transitions: [...next.transitions, ...transitions] };
        }
        return next;
      });
    }
    this.limit = after;
  }

  act(input: Input): void {
    for (const own of this.#own) {
      const heardMs = Math.max(own.state.heardMs, this.limit?.heardMs ?? 0);
      const isCalm = own.calm.from <= own.calm.to;
      if (input.kind === 'tick' && isCalm && input.nowMs <= heardMs + own.rule.staleAfterMs) continue;
      this.#look(own, (rule, state) => advance(rule, state, input));
    }
  }

  #look(
    own: { rule: RuleVersion; state: AlertState; calm: Range },
    by: (rule: RuleVersion, state: AlertState) => { state: AlertState; transitions: readonly Transition[] },
  ): void {
    this.looks += 1;
    const before = withLimit(own.state, this.limit);
    const { state, transitions } = by(own.rule, before);
    this.transitions.push(...transitions);
    const calm = calmOf(own.rule, state);
    if (
      isOwnChanged(before, state) ||
      own.state.last === null ||
      calm.from !== own.calm.from ||
      calm.to !== own.calm.to
    ) {
      this.writes += 1;
      own.state = JSON.parse(JSON.stringify(state)) as AlertState;
      own.calm = calm;
    }
  }
}

/**
 * Everything that is decided. The newest value that an answer or a reminder shows may be one that waits for its turn here; what came too late
 * may be settled for one rule, by a clock, and not for its limit, and is found a little earlier or later.
 */
const told = (transitions: readonly Transition[], isLate: boolean): string[] =>
  transitions
    .map((transition) => {
      const { kind, episodeId, ordinal, atMs, startMs, peakValue, value, evidence, phase } = transition;
      const decided = { kind, episodeId, ordinal, atMs, startMs, peakValue };
      const all = { ...decided, value, evidence, phase };
      return JSON.stringify(isLate || !followsFromRecords(transition) ? decided : all);
    })
    .sort();

describe('what a limit knows for its rules', () => {
  it.each([
    ['above', rules],
    ['below', below],
  ])('each rule decides what it would have decided with every value for itself: %s', (_, of) => {
    for (let seed = 1; seed <= 120; seed += 1) {
      const random = new SeededRandom(seed);
      // Every third history has samples that come too late.
      const isLate = seed % 3 === 0;
      const lateness = isLate ? 12 * plain.latenessMs : plain.latenessMs;
      const samples = disturbed(random, randomSamples(random, 120), lateness);
      const inputs = withTicks(randomActs(random, arriving(samples, plain.latenessMs)), 5 * minute);
      const kept = new Kept(of);
      let batch: Sample[] = [];
      const flush = (): void => {
        if (batch.length > 0) kept.take(batch);
        batch = [];
      };
      for (const input of inputs)
        if (input.kind === 'sample') {
          batch.push(input.sample);
          if (random.below(3) === 0) flush();
        } else {
          flush();
          kept.act(input);
        }
      flush();
      // Alone, each rule sees the same order: samples of a batch come before the acts that ended it, as they do here.
      const alone = of.flatMap((rule) => live(rule, inputs).transitions);
      expect({ seed, told: told(kept.transitions, isLate) }).toEqual({ seed, told: told(alone, isLate) });
    }
  });

  it('a value that crosses nothing is written once, however many rules there are', () => {
    const kept = new Kept(Array.from({ length: 200 }, (_, n) => ({ ...plain, ruleId: `${n}` })));
    kept.take([sampleAt(0, 70)]);
    kept.take([sampleAt(10, 71)]);
    const { looks, writes } = kept;
    for (let minutes = 11; minutes < 200; minutes += 1) kept.take([sampleAt(minutes, 60 + (minutes % 30))]);
    expect({ looks: kept.looks, writes: kept.writes }).toEqual({ looks, writes });
  });

  it('an open alert is not written by values that stay below its peak', () => {
    const kept = new Kept([plain]);
    for (const [minutes, value] of [
      [0, 95],
      [1, 99],
      [5, 95],
      [11, 95],
      [17, 95],
      [25, 95],
    ] as const)
      kept.take([sampleAt(minutes, value)]);
    expect(kept.transitions.map(({ kind }) => kind)).toEqual(['raised']);
    const { writes } = kept;
    for (let minutes = 26; minutes < 100; minutes += 1) kept.take([sampleAt(minutes, 91 + (minutes % 7))]);
    expect(kept.writes).toBe(writes);
    kept.take([sampleAt(101, 120)]);
    kept.take([sampleAt(107, 95)]);
    expect(kept.writes).toBeGreaterThan(writes);
  });

  it('what a limit keeps does not grow', () => {
    let limit: LimitState | undefined;
    for (let n = 0; n < 2_000; n += 1) limit = followLimit(plain, limit, [sampleAt(n, 50 + (n % 60))]).after;
    expect(JSON.stringify(limit).length).toBeLessThan(6_000);
    expect(limit?.last?.atMs).toBeGreaterThan(start);
  });
});
