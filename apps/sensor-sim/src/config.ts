import { citiesVariables } from '@isobar/contracts';
import { producerVariables } from '@isobar/kafka/nest';
import { env, serviceConfig } from '@isobar/service-kit';
import type { z } from 'zod';

export const sensorIntervalLimitsMs = { min: 10, max: 3_600_000 } as const;

export const configSchema = serviceConfig(3003).extend({
  ...producerVariables,
  CITIES_FILE: env.text(citiesVariables.CITIES_FILE),
  CITIES_ADDED_FILE: env.text(citiesVariables.CITIES_ADDED_FILE).optional(),
  SENSOR_INTERVAL_MS: env.integer({
    what: 'milliseconds between two readings of one sensor',
    ...sensorIntervalLimitsMs,
    default: 5_000,
  }),
  SENSORS_PER_CITY: env.integer({ what: 'sensors in each city', min: 1, max: 100_000, default: 4 }),
  SCENARIOS_DIR: env
    .text({ what: 'the folder of the scenarios (default: scenarios beside the cities file)' })
    .optional(),
  SENSOR_SCENARIOS: env.parsed({
    what: 'scenarios at work from the start, separated by commas',
    default: '',
    parse: (text) =>
      text
        .split(',')
        .map((name) => name.trim())
        .filter((name) => name !== ''),
  }),
  SENSOR_TIME_LAPSE_HOURS: env.integer({
    what: 'how many hours in the past the simulation begins, to catch up in time-lapse',
    min: 0,
    max: 24 * 31,
    default: 0,
  }),
  SENSOR_TIME_LAPSE_SPEED: env.integer({
    what: 'how many times faster time runs until then (1440: a day in a minute)',
    min: 2,
    max: 100_000,
    default: 1_440,
  }),
  SENSOR_SEED: env.integer({ what: 'the same seed gives the same readings', min: 0, max: 2_147_483_647, default: 42 }),
});

export type SensorSimConfig = z.output<typeof configSchema>;
