import type { SensorHealthRecord } from '../conditions/records.js';
import { median } from './median.js';
import { SteadyIndex } from './steady-index.js';

/** The readings of a sensor that its own value is the middle of, so that one spike is none. */
const readingsMax = 5;

/** The air of a city as far as its sensors can be trusted. */
export interface CityAir {
  /** The index to show; null when no sensor could ever be trusted. It stays when the last one falls silent. */
  readonly index: number | null;
  /** When the newest reading behind the index was taken; null as long as there is none. */
  readonly at: number | null;
  /** The sensors whose readings make the index now, and the others that spoke within a day. */
  readonly sensorsUsed: number;
  readonly sensorsLeftOut: number;
  /** The one sensor that is used, when it is just one. */
  readonly onlySensor: string | undefined;
}

/** The air of a city whose sensors have said nothing. */
export const unknownAir: CityAir = {
  index: null,
  at: null,
  sensorsUsed: 0,
  sensorsLeftOut: 0,
  onlySensor: undefined,
};

interface SensorAir {
  readonly readings: { readonly at: number; readonly index: number }[];
  lastReadingAt: number;
  isTrusted: boolean;
  /** The middle of its recent readings. */
  index: number;
}

interface City {
  readonly sensors: Map<string, SensorAir>;
  readonly steady: SteadyIndex;
  at: number | null;
}

/** A sensor that has said nothing for so long is taken for gone. */
const goneAfterMs = 24 * 3_600_000;

/**
 * One number for the air of each city: the middle of its trusted sensors (health OK, spoke within the window), each taken as the middle
 * of its last readings, and held steady. No single sensor of three or more can move it, however wrong it is.
 */
export class CityAirs {
  private readonly cities = new Map<string, City>();

  constructor(private readonly windowMs: number) {}

  /** A new word about a sensor. */
  note(sensorId: string, record: SensorHealthRecord): void {
    if (record.CITY_KEY === null || record.LAST_READING_AT === null) return;
    const city: City = this.cities.get(record.CITY_KEY) ?? {
      sensors: new Map<string, SensorAir>(),
      steady: new SteadyIndex(),
      at: null,
    };
    this.cities.set(record.CITY_KEY, city);
    const sensor: SensorAir = city.sensors.get(sensorId) ?? {
      readings: [],
      lastReadingAt: 0,
      isTrusted: false,
      index: 0,
    };
    city.sensors.set(sensorId, sensor);
    const at = record.LAST_READING_AT;
    const index = record.AIR_QUALITY_INDEX;
    sensor.lastReadingAt = at;
    sensor.isTrusted = record.STATUS === 'OK' && index !== null;
    // What a sensor said before it was flagged may have been wrong already.
    if (!sensor.isTrusted || index === null) sensor.readings.length = 0;
    else if (sensor.readings.at(-1)?.at !== at) sensor.readings.push({ at, index });
    while (sensor.readings.length > readingsMax || at - (sensor.readings[0]?.at ?? at) > this.windowMs)
      sensor.readings.shift();
    sensor.index = median(sensor.readings.map((reading) => reading.index)) ?? 0;
  }

  /** Every city with a sensor that ever spoke. */
  cityIds(): Iterable<string> {
    return this.cities.keys();
  }

  /** The sensor stands there no longer. */
  forget(sensorId: string, cityId: string): void {
    this.cities.get(cityId)?.sensors.delete(sensorId);
  }

  of(cityId: string, nowMs: number): CityAir {
    const city = this.cities.get(cityId);
    if (city === undefined) return unknownAir;
    const present = [...city.sensors].filter(([, sensor]) => nowMs - sensor.lastReadingAt <= goneAfterMs);
    const used = present.filter(([, sensor]) => sensor.isTrusted && nowMs - sensor.lastReadingAt <= this.windowMs);
    const index = city.steady.follow(median(used.map(([, sensor]) => sensor.index)), nowMs);
    for (const [, sensor] of used) city.at = Math.max(city.at ?? 0, sensor.lastReadingAt);
    return {
      index: index ?? null,
      at: city.at,
      sensorsUsed: used.length,
      sensorsLeftOut: present.length - used.length,
      onlySensor: used.length === 1 ? used[0]?.[0] : undefined,
    };
  }
}
