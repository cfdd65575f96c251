import type { Sample } from '../../life/types.js';
import { SeededRandom, hour, minute } from '../histories.js';
import { CleanSignal, stepMs, type Interval, type Metric } from './truth.js';

/** A sample on its way: when it arrives. Late ones come too late to count. */
export interface Arrival {
  readonly metric: Metric;
  readonly sample: Sample;
  readonly isLate: boolean;
}

export const latenessMs = 15 * minute;

const noiseOf = { temperature: 0.7, air: 3 } as const;
/** How much of the noise is that of five minutes before: air flickers. */
const noiseMemory = { temperature: 0.9, air: 0.5 } as const;

/** Hours in which a city's source is silent: none of them hides a whole scenario. */
export function outagesOf(random: SeededRandom, signal: CleanSignal, of: Interval): readonly Interval[] {
  const outages: Interval[] = [];
  const days = (of.toMs - of.fromMs) / (24 * hour);
  for (let i = 0; i < days / 20; i++) {
    const fromMs = of.fromMs + Math.floor(random.next() * (of.toMs - of.fromMs));
    const toMs = fromMs + (1 + random.next() * 2.5) * hour;
    const isShort = ({ scenario }: { readonly scenario: string }) => scenario === 'hover' || scenario === 'at-limit';
    const near = signal.injected.some(
      (event) => isShort(event) && event.fromMs < toMs + 4 * hour && event.toMs > fromMs - 4 * hour,
    );
    const overlaps = outages.some((other) => other.fromMs < toMs + 4 * hour && other.toMs > fromMs - 4 * hour);
    if (!near && !overlaps) outages.push({ fromMs, toMs });
  }
  return outages;
}

/** What a city's source sends, in the order of its arrival: noisy, and disturbed on the way. */
export function feedOf(
  random: SeededRandom,
  signal: CleanSignal,
  of: Interval,
  outages: readonly Interval[],
  topic: string,
): readonly Arrival[] {
  const arrivals: Arrival[] = [];
  for (const metric of ['temperature', 'air'] as const) {
    const [sigma, memory] = [noiseOf[metric], noiseMemory[metric]];
    let noise = 0;
    for (let atMs = of.fromMs; atMs < of.toMs; atMs += stepMs) {
      noise = memory * noise + Math.sqrt(1 - memory ** 2) * sigma * random.normal();
      const value = Math.round((signal.at(metric, atMs) + noise) * 10) / 10;
      const fate = random.next();
      if (outages.some(({ fromMs, toMs }) => atMs >= fromMs && atMs < toMs)) continue;
      const isNearOutage = outages.some(({ fromMs, toMs }) => atMs > fromMs - 4 * hour && atMs < toMs + 4 * hour);
      const isLate = fate < 0.003 && !isNearOutage;
      const isSlow = fate > 0.95;
      const isAhead = fate > 0.01 && fate < 0.011;
      const delayMs =
        Math.round(random.next() * (isLate ? 2 * hour : isSlow ? 14 * minute : 20_000)) + (isLate ? hour : 500);
      // A clock that is two hours ahead; its stamps meet no other's.
      const stampMs = isAhead ? atMs + 2 * hour + minute : atMs;
      const place = { topic, partition: 0, offset: 0, eventId: `${topic}/${metric}/${stampMs}` };
      const sample = { atMs: stampMs, value, heardAtMs: atMs + delayMs, place };
      arrivals.push({ metric, sample, isLate });
      if (fate > 0.5 && fate < 0.53)
        arrivals.push({
          metric,
          sample: { ...sample, heardAtMs: sample.heardAtMs + Math.round(random.next() * 10_000) },
          isLate,
        });
    }
  }
  arrivals.sort((a, b) => a.sample.heardAtMs - b.sample.heardAtMs);
  return arrivals.map((arrival, offset) => ({
    ...arrival,
    sample: { ...arrival.sample, place: { ...arrival.sample.place, offset } },
  }));
}
