import { noiseAt, type City } from '@isobar/contracts';

/** One simulated sensor: where it stands and how it differs from its neighbours. */
export interface Sensor {
  readonly id: string;
  /** Counted from 1 within the city. */
  readonly number: number;
  readonly city: City;
  /** How much warmer than the city's air it stands, in degrees Fahrenheit: a roof, a park. */
  readonly siteOffsetF: number;
  /** How much dustier than the city's air its street is, as a factor. */
  readonly siteDust: number;
  /** Where in its interval it measures, 0 to 1, so that the sensors of a city don't speak all at once. */
  readonly phase: number;
}

/** The sensors of a city; sensor n is the same whatever their number. */
export function sensorsOf(city: City, count: number, seed: number): readonly Sensor[] {
  return Array.from({ length: count }, (_, index) => {
    const id = `${city.id}-${String(index + 1).padStart(2, '0')}`;
    const trait = (name: string): number => noiseAt(`${seed}:${id}:${name}`, 0);
    return {
      id,
      number: index + 1,
      city,
      siteOffsetF: 1.5 * trait('site'),
      siteDust: 1 + 0.25 * trait('dust'),
      phase: (trait('phase') + 1) / 2,
    };
  });
}
