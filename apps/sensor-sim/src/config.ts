import { parseProducerSettings } from '@isobar/kafka';
import { env, serviceConfig } from '@isobar/service-kit';
import type { z } from 'zod';

export const sensorIntervalLimitsMs = { min: 10, max: 3_600_000 } as const;

export const configSchema = serviceConfig(3003).extend({
  KAFKA_BROKERS: env.brokerList({ what: 'the Kafka brokers', default: '127.0.0.1:9092' }),
  KAFKA_PRODUCER: env.parsed({
    what: 'producer settings such as linger.ms=5,compression.type=lz4,acks=all',
    default: '',
    parse: parseProducerSettings,
  }),
  BUFFER_DIR: env
    .text({ what: 'a folder for records that wait while the broker is away (unset: memory only)' })
    .optional(),
  BUFFER_BYTES: env.integer({
    what: 'bytes that may wait there; beyond, new records are refused and counted',
    min: 65_536,
    max: 1_000_000_000_000,
    default: 268_435_456,
  }),
  CITIES_FILE: env.text({ what: 'the file that lists the cities', default: 'config/cities.json' }),
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
