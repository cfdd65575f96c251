import type { z } from 'zod';
import { bigint, boolean, double, varchar } from '../events/columns.js';
import { EventType } from '../events/define-event.js';
import { topics } from '../topics.js';
import type { EpochMs, FahrenheitDegrees, MilesPerHour, Percent } from '../units.js';

/**
 * One period of one forecast: an hour or a half-day. All periods of an issue share `issued_at`; a later issue replaces an earlier
 * one, period by period.
 */
export const weatherForecastV1 = new EventType({
  name: 'weather-forecast',
  version: 1,
  topic: topics.weatherForecasts.name,
  source: 'weather_forecasts',
  key: { name: 'city_key', schema: varchar('the id of the city, which holds its state too'), format: 'KAFKA' },
  timestamp: 'issued_at',
  fields: {
    event_id: varchar('deterministic: the same period of the same issue has the same id'),
    city: varchar('name of the city'),
    state: varchar('two letters'),
    kind: varchar('hourly or daily; a day has two periods'),
    period_name: varchar('such as Tonight; hours have none').nullable(),
    period_start: bigint<EpochMs>('when the period begins'),
    period_end: bigint<EpochMs>('when the period ends'),
    is_daytime: boolean('whether it is a day and no night').nullable(),
    temperature_f: double<FahrenheitDegrees>('of the hour; the high of a day, the low of a night').nullable(),
    humidity_pct: double<Percent>('relative humidity').nullable(),
    wind_mph: double<MilesPerHour>('wind speed, the upper end where a range is given').nullable(),
    wind_direction: varchar('where the wind comes from, such as NW').nullable(),
    precipitation_pct: double<Percent>('chance of precipitation; null: not said').nullable(),
    conditions: varchar('the sky in words').nullable(),
    source: varchar('nws: the National Weather Service; sample: simulated'),
    issued_at: bigint<EpochMs>('when the office published the forecast'),
    fetched_at: bigint<EpochMs>('when the answer was fetched'),
  },
});

export type WeatherForecast = z.output<typeof weatherForecastV1.schema>;
