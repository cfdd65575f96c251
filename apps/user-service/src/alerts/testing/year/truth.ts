import { SeededRandom, hour, minute } from '../histories.js';

/** What a city's air and temperature are in a simulated year, and what was put into them on purpose. */

export const stepMs = 5 * minute;
export const dayMs = 24 * hour;
/** The year begins in winter. */
export const yearStartMs = Date.UTC(2026, 0, 1);

export type Metric = 'temperature' | 'air';
export type Scenario = 'heat' | 'cold' | 'smoke' | 'near-miss' | 'spike' | 'hover' | 'at-limit';

export interface Interval {
  readonly fromMs: number;
  readonly toMs: number;
}

/** Something put into the year. */
export interface Injected extends Interval {
  readonly scenario: Scenario;
  readonly metric: Metric;
  /** The target: of temperature the peak of each day, of air the plateau. */
  readonly target: number;
}

export interface YearCity {
  readonly name: string;
  readonly zone: string;
  /** Of its sun, hours ahead of UTC. */
  readonly sunHours: number;
  readonly meanF: number;
  readonly seasonF: number;
  readonly dailyF: number;
}

export const yearCities: readonly YearCity[] = [
  { name: 'New York', zone: 'America/New_York', sunHours: -5, meanF: 54, seasonF: 23, dailyF: 9 },
  { name: 'Phoenix', zone: 'America/Phoenix', sunHours: -7, meanF: 56, seasonF: 22, dailyF: 10 },
  { name: 'Chicago', zone: 'America/Chicago', sunHours: -6, meanF: 53, seasonF: 24, dailyF: 9 },
  { name: 'Kolkata', zone: 'Asia/Kolkata', sunHours: 5.5, meanF: 56, seasonF: 21, dailyF: 9 },
  { name: 'Adelaide', zone: 'Australia/Adelaide', sunHours: 9.5, meanF: 55, seasonF: 22, dailyF: 10 },
];

/** The limits that everybody sets; far from what a normal day reaches. */
export const limits = { heat: 97, cold: 6, smoke: 100, worseSmoke: 150 } as const;

/** A city's signal without noise. */
export class CleanSignal {
  constructor(
    private readonly city: YearCity,
    readonly injected: readonly Injected[],
  ) {}

  at(metric: Metric, atMs: number): number {
    return metric === 'air' ? this.#air(atMs) : this.#temperature(atMs);
  }

  #sunHour(atMs: number): number {
    return (((atMs / hour + this.city.sunHours) % 24) + 24) % 24;
  }

  #season(atMs: number): number {
    const day = (atMs - yearStartMs) / dayMs;
    return this.city.meanF + this.city.seasonF * Math.cos((2 * Math.PI * (day - 200)) / 365);
  }

  #temperature(atMs: number): number {
    const season = this.#season(atMs);
    const wave = this.city.dailyF * Math.cos((2 * Math.PI * (this.#sunHour(atMs) - 15)) / 24);
    let shift = 0;
    for (const event of this.injected) {
      if (event.metric !== 'temperature' || atMs < event.fromMs || atMs >= event.toMs) continue;
      // It comes and goes in the hours in which it can cross nothing.
      const extreme = season + (event.target > this.city.meanF ? 1 : -1) * this.city.dailyF;
      shift = (event.target - extreme) * shape(event, atMs, 4 * hour);
    }
    return season + wave + shift;
  }

  #air(atMs: number): number {
    const base = 42 + 8 * Math.cos((2 * Math.PI * (this.#sunHour(atMs) - 8)) / 24);
    for (const event of this.injected) {
      if (event.metric !== 'air' || atMs < event.fromMs || atMs >= event.toMs) continue;
      if (event.scenario === 'spike') return event.target;
      const share = shape(event, atMs, hour);
      // It is over the limit for long enough, and then for a long time exactly at it.
      const isEarly = atMs - event.fromMs < 2.25 * hour;
      const target = event.scenario === 'hover' && isEarly ? event.target + 18 : event.target;
      return base + (target - base) * share;
    }
    return base;
  }
}

/** From 0 to 1 and back over the ramps at both ends. */
const shape = ({ fromMs, toMs }: Interval, atMs: number, rampMs: number): number =>
  Math.max(0, Math.min(1, (atMs - fromMs) / rampMs, (toMs - atMs) / rampMs));

/** What is put into so many days of a city, one thing after the other. */
export function inject(random: SeededRandom, city: YearCity, firstDay: number, days: number): readonly Injected[] {
  return [...temperatures(random, city, firstDay, days), ...airs(random, firstDay, days)];
}

function temperatures(random: SeededRandom, city: YearCity, firstDay: number, days: number): Injected[] {
  const injected: Injected[] = [];
  for (let day = firstDay + 2; day < firstDay + days - 6; day += 3 + random.below(8)) {
    const isSummer = day % 365 > 150 && day % 365 < 245;
    const isWinter = day % 365 < 55 || day % 365 > 335;
    if (!isSummer && !isWinter) continue;
    const misses = random.below(4) === 0;
    const excess = misses ? -5 : 6 + random.below(5);
    const target = isSummer ? limits.heat + excess : limits.cold - excess;
    const lasts = 1 + random.below(3);
    // Heat comes and goes at midnight, cold at noon.
    const startHour = (isSummer ? 0 : 12) - city.sunHours;
    const fromMs = yearStartMs + day * dayMs + startHour * hour;
    const scenario = misses ? 'near-miss' : isSummer ? 'heat' : 'cold';
    injected.push({ scenario, metric: 'temperature', target, fromMs, toMs: fromMs + lasts * dayMs });
    day += lasts;
  }
  return injected;
}

function airs(random: SeededRandom, firstDay: number, days: number): Injected[] {
  const injected: Injected[] = [];
  for (let day = firstDay + 1; day < firstDay + days - 3; day += 2 + random.below(5)) {
    const fromMs = yearStartMs + day * dayMs + random.below(24) * hour + random.below(60) * minute;
    const kinds: readonly (readonly [Scenario, number, number])[] = [
      ['smoke', [130, 180, 230][random.below(3)] ?? 130, (8 + random.below(24)) * hour],
      ['near-miss', 84, (3 + random.below(10)) * hour],
      ['spike', 300, (10 + random.below(15)) * minute],
      ['hover', limits.smoke, 4.5 * hour],
      ['at-limit', limits.smoke, 3.25 * hour],
    ];
    const [scenario, target, lastsMs] = kinds[random.below(kinds.length)] ?? ['smoke', 180, 8 * hour];
    injected.push({ scenario, metric: 'air', target, fromMs, toMs: fromMs + lastsMs });
    day += Math.ceil(lastsMs / dayMs);
  }
  return injected;
}

/** When the signal without noise crosses a limit. */
export function crossings(
  signal: CleanSignal,
  metric: Metric,
  of: Interval,
  isOver: (value: number) => boolean,
): Interval[] {
  const found: Interval[] = [];
  let fromMs: number | undefined;
  for (let atMs = of.fromMs; atMs <= of.toMs; atMs += minute) {
    const isCrossed = atMs < of.toMs && isOver(signal.at(metric, atMs));
    if (isCrossed) fromMs ??= atMs;
    else if (fromMs !== undefined) {
      found.push({ fromMs, toMs: atMs });
      fromMs = undefined;
    }
  }
  return found;
}
