import { eventAheadMaxMsDefault } from '@isobar/contracts';
import { env, readConfig, serviceConfig } from '@isobar/service-kit/plain';

const schema = serviceConfig(8088).extend({
  KAFKA_BROKERS: env.text({ what: 'Kafka brokers, host:port separated by commas', default: '127.0.0.1:9092' }),
  KSQL_SERVICE_ID: env.text({
    what: 'ksqlDB service id: prefix of command topic, groups and internal topics',
    default: 'default_',
  }),
  KSQL_COMMIT_INTERVAL_MS: env.integer({
    what: 'shortest time between two commits of a query',
    min: 1,
    max: 60_000,
    default: 100,
  }),
  EVENT_AHEAD_MAX_MS: env.integer({
    what: 'how far ahead of the clock an event time may lie; records beyond it go to the dead letters, 0 takes all',
    min: 0,
    max: 365 * 86_400_000,
    default: eventAheadMaxMsDefault,
  }),
  KSQL_INTERNAL_TOPIC_REPLICAS: env.integer({ what: 'replicas of internal topics', min: 1, max: 10, default: 1 }),
});

export type ServerConfig = ReturnType<typeof readServerConfig>;

/** @throws ConfigError listing every wrong variable */
export function readServerConfig(environment: NodeJS.ProcessEnv) {
  return readConfig('ksql-server', schema, environment);
}

/** Server properties by ksqlDB's names: `KSQL_KSQL_QUERY_PULL_TABLE_SCAN_ENABLED=false` sets `ksql.query.pull.table.scan.enabled`. */
export function ksqlProperties(environment: NodeJS.ProcessEnv): Record<string, string> {
  const properties: Record<string, string> = {};
  for (const [name, value] of Object.entries(environment)) {
    if (!name.startsWith('KSQL_KSQL_') || value === undefined) continue;
    properties[name.slice('KSQL_'.length).toLowerCase().replaceAll('_', '.')] = value;
  }
  return properties;
}
