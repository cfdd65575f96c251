import type { Input, RuleVersion, Sample } from '../life/types.js';
import { SeededRandom, hot, hour, minute, start } from './histories.js';

/** Samples of a day or so about the limits of `hot`: plateaus, noise, spikes and gaps. */
export function randomSamples(random: SeededRandom, count = 150): readonly Sample[] {
  const samples: Sample[] = [];
  let atMs = start;
  let level = 88;
  for (let i = 0; i < count; i++) {
    if (random.below(12) === 0) level = [70, 87, 88.5, 90.5, 93, 99, 101, 105][random.below(8)] ?? 88;
    const spike = random.below(25) === 0 ? 15 * random.normal() : 0;
    const value = level + random.normal() + spike;
    atMs += random.below(30) === 0 ? (10 + random.below(80)) * minute : (1 + random.below(5)) * minute;
    samples.push({
      atMs,
      value: Math.round(value * 10) / 10,
      heardAtMs: atMs,
      place: { topic: 'alert-signals', partition: 0, offset: i, eventId: `${i}` },
    });
  }
  return samples;
}

/** The samples as they arrive: with offsets in the order of arrival, and the watermark of what came before and with them. */
export function arriving(samples: readonly Sample[], latenessMs: number, partitions = 1): readonly Input[] {
  let highestMs = 0;
  return samples.map((sample, offset) => {
    highestMs = Math.max(highestMs, sample.atMs);
    const place = { ...sample.place, partition: offset % partitions, offset: Math.floor(offset / partitions) };
    return { kind: 'sample', sample: { ...sample, place }, watermarkMs: Math.max(0, highestMs - latenessMs) };
  });
}

/** The samples shuffled, none more than the lateness behind a later one, and some of them twice. */
export function disturbed(random: SeededRandom, samples: readonly Sample[], latenessMs: number): readonly Sample[] {
  const twice = samples.flatMap((sample) => (random.below(6) === 0 ? [sample, sample] : [sample]));
  return twice
    .map((sample) => ({ sample, key: sample.atMs + random.next() * latenessMs * 0.99 }))
    .sort((a, b) => a.key - b.key)
    .map(({ sample }) => sample);
}

/** What people and operators do meanwhile. */
export function randomActs(random: SeededRandom, inputs: readonly Input[]): readonly Input[] {
  return inputs.flatMap((input) => {
    if (input.kind !== 'sample' || random.below(8) !== 0) return [input];
    const atMs = input.sample.heardAtMs;
    const acts: readonly Input[] = [
      { kind: 'ack', atMs },
      { kind: 'snooze', atMs, untilMs: atMs + random.below(5 * 60) * minute },
      { kind: 'snooze', atMs, untilMs: null },
      { kind: 'unsnooze', atMs },
      { kind: 'maintenance', atMs, reason: random.below(2) === 0 ? 'works' : null },
      { kind: 'suppress', atMs, cause: random.below(2) === 0 ? 'a wider one' : null },
    ];
    const act = acts[random.below(acts.length)];
    return act === undefined ? [input] : [input, act];
  });
}

/** Ticks of a clock between the samples and long after the last one. */
export function withTicks(inputs: readonly Input[], everyMs = 10 * minute, caughtUp = true): readonly Input[] {
  const result: Input[] = [];
  let nextMs = 0;
  for (const input of inputs) {
    if (input.kind === 'sample') {
      const { heardAtMs } = input.sample;
      for (nextMs ||= heardAtMs + everyMs; nextMs < heardAtMs; nextMs += everyMs)
        result.push({ kind: 'tick', nowMs: nextMs, watermarkMs: 0, caughtUp });
    }
    result.push(input);
  }
  for (let i = 0; i < (10 * hour) / everyMs; i++)
    result.push({ kind: 'tick', nowMs: nextMs + i * everyMs, watermarkMs: 0, caughtUp });
  return result;
}

/** Rules that differ in what decides. */
export const rulesUnderTest: readonly RuleVersion[] = [
  hot,
  { ...hot, ruleId: 'strict', maxGapMs: 5 * minute, coolDownMs: 0 },
  { ...hot, ruleId: 'instant', onDelayMs: 0, offDelayMs: 0, escalations: [] },
  { ...hot, ruleId: 'slow', onDelayMs: 60 * minute, offDelayMs: 30 * minute, coolDownMs: 3 * hour },
  {
    ...hot,
    ruleId: 'cool',
    comparison: 'BELOW',
    threshold: 88,
    escalations: [{ threshold: 80, severity: 'CRITICAL' }],
  },
  { ...hot, ruleId: 'reminding', remindEveryMs: 30 * minute, maxReminders: 3 },
];
