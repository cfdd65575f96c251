import type { z } from 'zod';
import { bigint, double, varchar } from '../events/columns.js';
import { EventType } from '../events/define-event.js';
import { topics } from '../topics.js';
import type { EpochMs, FahrenheitDegrees, Hectopascals, MilesPerHour, Percent } from '../units.js';

/** What a station observed, or what the simulation made up (`source` tells which). A value nobody delivered is null. */
export const weatherObservationV1 = new EventType({
  name: 'weather-observation',
  version: 1,
  topic: topics.weatherData.name,
  source: 'weather_stream',
  key: { name: 'city_key', schema: varchar('the id of the city, which holds its state too'), format: 'KAFKA' },
  timestamp: 'observed_at',
  fields: {
    event_id: varchar('deterministic: the same observation has the same id'),
    city: varchar('name of the city'),
    state: varchar('two letters'),
    temperature_f: double<FahrenheitDegrees>('air temperature').nullable(),
    humidity_pct: double<Percent>('relative humidity').nullable(),
    wind_mph: double<MilesPerHour>('wind speed').nullable(),
    pressure_hpa: double<Hectopascals>('barometric pressure').nullable(),
    conditions: varchar('the sky in words').nullable(),
    station_id: varchar('the station that observed').nullable(),
    source: varchar('nws: the National Weather Service; sample: simulated'),
    observed_at: bigint<EpochMs>('when the station observed'),
    fetched_at: bigint<EpochMs>('when the answer was fetched'),
  },
});

export type WeatherObservation = z.output<typeof weatherObservationV1.schema>;

/** Where weather comes from. `sample` is a simulation and is shown as such wherever it appears. */
export type WeatherSource = 'nws' | 'sample';
