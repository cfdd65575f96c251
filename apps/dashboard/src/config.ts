import { citiesVariables } from '@isobar/contracts';
import { env, serviceConfig } from '@isobar/service-kit';
import type { z } from 'zod';

export const dashboardConfig = serviceConfig(3000).extend({
  KAFKA_BROKERS: env.brokerList({ what: 'the Kafka brokers', default: '127.0.0.1:9092' }),
  STREAM_ADMIN_URL: env
    .httpUrl({ what: 'stream-admin, which knows whether the queries run (without it the page does not say)' })
    .optional(),
  USER_SERVICE_URL: env
    .httpUrl({ what: 'user-service, which keeps the alerts of people (without it the page shows none)' })
    .optional(),
  WEATHER_INGEST_URL: env
    .httpUrl({ what: 'weather-ingest, which knows whose clocks run ahead (without it the page does not say)' })
    .optional(),
  CITIES_FILE: env.text(citiesVariables.CITIES_FILE),
  CITIES_ADDED_FILE: env.text(citiesVariables.CITIES_ADDED_FILE).optional(),
  SENSOR_INTERVAL_MS: env.integer({
    what: 'how often a sensor measures; older than three of these is shown as stale',
    min: 100,
    max: 3_600_000,
    default: 5_000,
  }),
  WEATHER_POLL_INTERVAL_MS: env.integer({
    what: 'how often the weather is fetched; simulated weather older than three of these is shown as stale',
    min: 1_000,
    max: 86_400_000,
    default: 60_000,
  }),
});

export type DashboardConfig = z.output<typeof dashboardConfig>;
