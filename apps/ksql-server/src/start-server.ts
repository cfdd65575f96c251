import {
  createFunctionRegistry,
  EVENT_AHEAD_MAX_PROPERTY,
  KsqlEngine,
  LaterLogError,
  type EngineOptions,
} from '@isobar/ksql-engine';
import { KafkaBroker } from '@isobar/ksql-engine/kafka';
import { DiskState, PullWorkers, StateUnavailableError, type QueryThreads } from '@isobar/ksql-engine/node';
import { ConfigError, createRequestGuard, guardPolicyFrom } from '@isobar/service-kit/plain';
import type { Logger } from 'pino';
import { setTimeout as delay } from 'node:timers/promises';
import { routeAccess } from './access.js';
import type { ServerConfig } from './config.js';
import { listen } from './http/http-listener.js';
import { createRouter } from './http/router.js';
import { clientsTurnedAway } from './http/turned-away.js';
import { limitsOf } from './limits.js';
import { openQueryThreads, queryThreadsOf } from './open-query-threads.js';
import { DeadLetters } from './processing/dead-letters.js';
import { clusterRoutes } from './routes/cluster-routes.js';
import { insertsRoute } from './routes/inserts-route.js';
import { websocketUpgrade } from './routes/websocket-route.js';
import { healthRoutes } from './routes/health-routes.js';
import { infoRoutes } from './routes/info-routes.js';
import { ksqlRoute } from './routes/ksql-route.js';
import { ProcessingLog } from './processing-log.js';
import { closeQueryRoute, queryRoute, queryStreamRoute } from './routes/query-routes.js';
import { openSchemaRegistry } from './schema-registry.js';
import { findPush, type ServerContext } from './server-context.js';
import { advertisedUrl, isGone, thisServer } from './this-server.js';
import { ScanPlaces } from './streaming/scan-places.js';

export interface RunningServer {
  readonly port: number;
  /** `METHOD /path` of all that it answers. */
  readonly routes: readonly string[];
  stop(): Promise<void>;
}

export interface ServerOptions {
  readonly config: ServerConfig;
  /** Server properties by ksqlDB's names. */
  readonly properties: Readonly<Record<string, string>>;
  readonly log: Logger;
}

const DEFAULT_PROPERTIES: Readonly<Record<string, string>> = {
  'ksql.persistence.default.format.key': 'KAFKA',
};
const RETRY_MS = 1_000;

/**
 * Listens at once and answers 503 until the command topic was replayed; a missing broker is waited for.
 *
 * @throws ConfigError when others could reach the server and no credentials are asked for, or the state folder cannot be used
 */
export async function startServer({ config, properties, log }: ServerOptions): Promise<RunningServer> {
  const threadCount = queryThreadsOf(properties);
  const registry = openSchemaRegistry(properties, config);
  const states = openStates(config, properties);
  const bootstrap = config.KAFKA_BROKERS.split(',').map((address) => address.trim());
  const broker = new KafkaBroker({ bootstrap, clientId: 'ksql-server' });
  const policy = guardPolicyFrom('ksql-server', config, { bodies: 'any', routes: routeAccess });
  const guard = createRequestGuard(policy);
  const limits = limitsOf(config);
  const turnedAway = clientsTurnedAway(log, limits);
  const context: ServerContext = {
    broker,
    log,
    limits,
    turnedAway,
    isReadOnly: policy.isReadOnly,
    serviceId: config.KSQL_SERVICE_ID,
    properties,
    host: `${config.HOST}:${config.PORT}`,
    engine: undefined,
    notOpenReason: undefined,
    state: 'INITIALIZING',
    clusterId: '',
    commandStatuses: new Map(),
    transientQueries: new Map(),
    scanPlaces: new ScanPlaces(limits.scans, () => turnedAway.note('too many scans', undefined)),
    counters: { processingErrors: new Map() },
  };
  const processingLog = new ProcessingLog(log);
  const routes = [
    ...infoRoutes(context),
    ...healthRoutes(context),
    ksqlRoute(context),
    queryRoute(context),
    queryStreamRoute(context),
    closeQueryRoute(context),
    insertsRoute(context),
    ...clusterRoutes(context),
  ];
  const listener = await listen(config.HOST, config.PORT, limits, {
    guard,
    turnedAway,
    request: createRouter(routes, limits, log),
    upgrade: websocketUpgrade(context),
  });
  log.info({ port: listener.port }, 'listening');
  const pullWorkers = new PullWorkers({
    threads: config.KSQL_PULL_THREADS,
    pageTimeoutMs: config.KSQL_PULL_PAGE_TIMEOUT_MS,
    heapMiBMax: config.KSQL_PULL_THREAD_HEAP_MIB,
  });
  let threads: QueryThreads | undefined;
  let isStopping = false;
  const deadLetters = new DeadLetters(() => Date.now());
  const server = thisServer(advertisedUrl(properties, config.HOST, listener.port));
  const opening = openEngine();

  async function openEngine(): Promise<void> {
    const engineConfig = {
      ...DEFAULT_PROPERTIES,
      [EVENT_AHEAD_MAX_PROPERTY]: String(config.EVENT_AHEAD_MAX_MS),
      'ksql.internal.topic.replicas': String(config.KSQL_INTERNAL_TOPIC_REPLICAS),
      ...properties,
    };
    const told: Pick<EngineOptions, 'onLog' | 'onQueryState' | 'onQueryRestore'> = {
      onLog: (entry) => processingLog.append(entry),
      onQueryState: (queryId, state, error) =>
        error
          ? log.error({ queryId, state, error: error.message }, 'query failed; it will be restarted')
          : log.info({ queryId, state }, 'query'),
      onQueryRestore: (queryId, { done, total, tasks }) =>
        log.info({ queryId, done, total, tasks }, 'restoring the state of a query from its changelogs'),
    };
    while (!isStopping) {
      try {
        context.clusterId = await broker.clusterId();
        context.engine = await KsqlEngine.open({
          ...told,
          broker,
          registry,
          clock: { nowMs: () => Date.now() },
          random: { next: () => Math.random() },
          functions: createFunctionRegistry(),
          serviceId: config.KSQL_SERVICE_ID,
          config: engineConfig,
          commitIntervalMs: config.KSQL_COMMIT_INTERVAL_MS,
          states,
          pullEvaluation: pullWorkers.open,
          openHost: ({ local, transactionalIdPrefix, internalTopicReplicas }) => {
            const opened = openQueryThreads({
              ...told,
              local,
              transactionalIdPrefix,
              threads: threadCount,
              heapMiBMax: config.KSQL_QUERY_THREAD_HEAP_MIB,
              data: {
                bootstrap,
                internalTopicReplicas,
                serviceId: config.KSQL_SERVICE_ID,
                config: engineConfig,
                registry: {
                  SCHEMA_REGISTRY_URL: config.SCHEMA_REGISTRY_URL,
                  SCHEMA_REGISTRY_USER_INFO: config.SCHEMA_REGISTRY_USER_INFO,
                },
                commitIntervalMs: config.KSQL_COMMIT_INTERVAL_MS,
                stateFolder: states && stateFolderOf(config, properties),
              },
            });
            threads = opened;
            return opened;
          },
          lease: {
            server,
            isGone,
            onRole: ({ role, leader, trouble }) => {
              if (trouble === undefined) log.info({ role, leader: leader?.url }, 'leadership');
              else log.warn({ role, leader: leader?.url, trouble }, 'leadership');
            },
          },
          deadLetter: (entry) => deadLetters.of(entry),
          isTransient: (queryId) => findPush(context, queryId) !== undefined,
          onCommandReplayed: (command, { message, queryId }) =>
            context.commandStatuses.set(command.commandId, { status: 'SUCCESS', message, queryId: queryId ?? null }),
          onCommandFailure: ({ sequenceNumber, statement }, error) =>
            log.error({ sequenceNumber, statement, err: error }, 'a logged command cannot be applied'),
        });
        context.state = 'READY';
        log.info({ queries: context.engine.queries.size, isOwner: context.engine.isOwner }, 'ready');
        return;
      } catch (error) {
        context.notOpenReason =
          error instanceof LaterLogError ? error.message : `the command topic has not been read yet: ${String(error)}`;
        log.warn({ err: error }, 'not ready yet; trying again');
        await threads?.close();
        await delay(RETRY_MS);
      }
    }
  }

  return {
    port: listener.port,
    routes: routes.map(({ method, path }) => `${method} ${path}`),
    stop: async () => {
      isStopping = true;
      context.state = 'SHUTTING_DOWN';
      await Promise.all([...context.transientQueries.values()].map(({ query }) => query.close()));
      await listener.close();
      await opening;
      await context.engine?.close();
      await threads?.close();
      await pullWorkers.close();
      processingLog.close();
      turnedAway.close();
      await broker.close();
      states?.close();
    },
  };
}

const stateFolderOf = (config: ServerConfig, properties: ServerOptions['properties']): string | undefined =>
  config.KSQL_STATE_DIR || properties['ksql.streams.state.dir'];

/** @throws ConfigError when the folder cannot be used, or another server uses it */
function openStates(config: ServerConfig, properties: ServerOptions['properties']): DiskState | undefined {
  const folder = stateFolderOf(config, properties);
  if (!folder) return undefined;
  try {
    return DiskState.openFolder(folder);
  } catch (error) {
    if (!(error instanceof StateUnavailableError)) throw error;
    throw new ConfigError('ksql-server', [
      { variable: 'KSQL_STATE_DIR', what: 'the state folder', problem: error.message },
    ]);
  }
}
