import { env, serviceConfig } from '@isobar/service-kit';
import { z } from 'zod';

export const streamAdminConfig = serviceConfig(3004).extend({
  KAFKA_BROKERS: env.brokerList({ what: 'the Kafka brokers', default: '127.0.0.1:9092' }),
  KSQLDB_URL: env.httpUrl({ what: 'the ksqlDB server', default: 'http://127.0.0.1:8088' }),
  KSQLDB_CREDENTIALS: z
    .string()
    .trim()
    .regex(/^[^:]+:./, { error: 'must be user:password' })
    .optional()
    .describe('user and password of the ksqlDB server, where it has Basic authentication; else the token is sent')
    .meta({ secret: true }),
  CONNECT_URL: env.httpUrl({ what: 'the Kafka Connect worker', default: 'http://127.0.0.1:8083' }),
  USER_SERVICE_URL: env.httpUrl({
    what: 'the user-service, which knows the replication slot of the people',
    default: 'http://127.0.0.1:3001',
  }),
  KSQL_DIR: env.text({ what: 'the folder with the SQL files of the pipeline', default: 'ksql' }),
  KSQL_ENVIRONMENT: z
    .string()
    .trim()
    .min(1)
    .optional()
    .describe('the environment whose values the variables of the SQL files have; their defaults when not given'),
  KSQL_LINT: env.choice({
    what: 'what becomes of files that do not keep the rules or have no test: they are not deployed, or only the command line says so',
    words: ['refuse', 'tell'],
    default: 'refuse',
  }),
  CONNECTORS_DIR: env.text({ what: 'the folder with the connector configurations', default: 'connectors' }),
});

export type StreamAdminConfig = z.output<typeof streamAdminConfig>;
