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
  KSQL_STATE_DIR: env.text({
    what: 'folder of this server alone, where queries keep state that may be larger than memory; in memory when not set',
    default: '',
  }),
  SCHEMA_REGISTRY_URL: env.text({
    what: 'schema registry of AVRO, JSON_SR and PROTOBUF, addresses separated by commas; these formats are refused when not set',
    default: '',
  }),
  SCHEMA_REGISTRY_USER_INFO: env
    .text({ what: 'credentials for the schema registry, user:password', default: '' })
    .meta({ secret: true }),
  KSQL_QUERY_THREAD_HEAP_MIB: env.integer({
    what: 'memory of one thread that runs queries, which is ended when it needs more; 0: what the process may use',
    min: 0,
    max: 1_048_576,
    default: 0,
  }),
  EVENT_AHEAD_MAX_MS: env.integer({
    what: 'how far ahead of the clock an event time may lie; records beyond it go to the dead letters, 0 takes all',
    min: 0,
    max: 365 * 86_400_000,
    default: eventAheadMaxMsDefault,
  }),
  KSQL_INTERNAL_TOPIC_REPLICAS: env.integer({ what: 'replicas of internal topics', min: 1, max: 10, default: 1 }),
  HTTP_STREAMS_MAX: env.integer({
    what: 'requests at once on one HTTP/2 connection',
    min: 1,
    max: 100_000,
    default: 100,
  }),
  HTTP_HEADER_BYTES_MAX: env.integer({
    what: 'size of the head of a request, its address included',
    min: 1_024,
    max: 1_048_576,
    default: 16_384,
  }),
  HTTP_HEADERS_TIMEOUT_MS: env.integer({
    what: 'longest time from the first byte of a connection or request to the end of its head',
    min: 100,
    max: 600_000,
    default: 15_000,
  }),
  HTTP_REQUEST_TIMEOUT_MS: env.integer({
    what: 'longest time from the first byte of a request to the end of its body',
    min: 100,
    max: 3_600_000,
    default: 60_000,
  }),
  HTTP_KEEP_ALIVE_MS: env.integer({
    what: 'how long a connection without a request is kept',
    min: 100,
    max: 3_600_000,
    default: 60_000,
  }),
  HTTP_BODY_BYTES_MAX: env.integer({
    what: 'size of the body of a request, and of one line of /inserts-stream',
    min: 1_024,
    max: 268_435_456,
    default: 4_194_304,
  }),
  KSQL_STATEMENT_CHARS_MAX: env.integer({
    what: 'characters of the statements of one request, variables put in',
    min: 1_000,
    max: 67_108_864,
    default: 1_048_576,
  }),
  KSQL_STATEMENT_TOKENS_MAX: env.integer({
    what: 'words, literals and signs of the statements of one request',
    min: 1_000,
    max: 10_000_000,
    default: 50_000,
  }),
  KSQL_PULL_THREADS: env.integer({
    what: 'threads that filter and project the rows of pull queries',
    min: 1,
    max: 64,
    default: 2,
  }),
  KSQL_PULL_PAGE_TIMEOUT_MS: env.integer({
    what: 'longest time for a thousand rows of a pull query, after which the query is ended',
    min: 10,
    max: 3_600_000,
    default: 10_000,
  }),
  KSQL_PULL_THREAD_HEAP_MIB: env.integer({
    what: 'memory of one such thread, after which its query is ended',
    min: 16,
    max: 65_536,
    default: 256,
  }),
  KSQL_STATEMENTS_MAX: env.integer({ what: 'statements of one request', min: 1, max: 100_000, default: 1_000 }),
  KSQL_PUSH_QUERIES_MAX: env.integer({
    what: 'push queries of clients at once',
    min: 1,
    max: 100_000,
    default: 100,
  }),
  KSQL_SCANS_MAX: env.integer({
    what: 'topics that are read by PRINT or by pull queries over streams at once',
    min: 1,
    max: 100_000,
    default: 100,
  }),
  KSQL_PULL_QUERY_MS_MAX: env.integer({
    what: 'how long the rows of one pull query may be looked for',
    min: 100,
    max: 3_600_000,
    default: 60_000,
  }),
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
