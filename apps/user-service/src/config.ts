import { env, serviceConfig } from '@isobar/service-kit';
import type { z } from 'zod';

export const configSchema = serviceConfig(3001).extend({
  DATABASE_URL: env.postgresUrl({
    what: 'the PostgreSQL database of the people',
    default: 'postgres://isobar:isobar@127.0.0.1:5432/isobar',
  }),
  CITIES_FILE: env.text({ what: 'the file that lists the cities', default: 'config/cities.json' }),
});

export type UserServiceConfig = z.output<typeof configSchema>;
