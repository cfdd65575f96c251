import { createLogger, createService, type RouteAccess, type RunningService } from '@isobar/service-kit';
import { copyFileSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { dashboardService } from '../../apps/dashboard/src/app.module.js';
import { sensorSimService } from '../../apps/sensor-sim/src/app.module.js';
import { streamAdminService } from '../../apps/stream-admin/src/app.module.js';
import { readServerConfig } from '../../apps/ksql-server/src/config.js';
import { startServer } from '../../apps/ksql-server/src/start-server.js';
import { userService } from '../../apps/user-service/src/app.module.js';
import { weatherIngestService } from '../../apps/weather-ingest/src/app.module.js';

/** What a route is for; `asks` is a POST whose body is a question, `answers` one to what a link asks. */
export type TableAccess = RouteAccess | 'asks' | 'answers';

/** `METHOD /path` to what the route is for. */
type RouteTable = Readonly<Record<string, TableAccess>>;

type Environment = Readonly<Record<string, string>>;

/** A service that answers although its neighbours are away, and the routes that it really has. */
export interface AnsweringService {
  readonly name: string;
  readonly port: number;
  readonly routes: readonly string[];
  readonly takesForms: boolean;
  stop(): Promise<unknown>;
}

export interface GuardedService {
  readonly name: string;
  readonly table: RouteTable;
  start(environment: Environment): Promise<AnsweringService>;
}

/** What every Nest service of ours has. */
const commonTable: RouteTable = {
  'GET /healthz': 'health',
  'GET /readyz': 'health',
  'GET /health': 'reads',
  'GET /metrics': 'reads',
  'GET /api/docs': 'page',
  'GET /api/docs/': 'page',
  'GET /api/docs/index.html': 'reads',
  'GET /api/docs/LICENSE': 'reads',
  'GET /api/docs/swagger-ui-init.js': 'reads',
  'GET /api/docs/docs/swagger-ui-init.js': 'reads',
  'GET /api/docs-json': 'reads',
  'GET /api/docs-yaml': 'reads',
};

const tables = {
  dashboard: {
    'GET /': 'page',
    'GET /index.html': 'page',
    'GET /app.js': 'reads',
    'GET /api/cities': 'reads',
    'GET /api/cities/:id': 'reads',
    'GET /api/pipeline': 'reads',
    'GET /api/users': 'reads',
    'GET /api/users/:id/conditions': 'reads',
    'GET /api/users/:id/alerts': 'reads',
    'GET /api/users/:id/alerts/live': 'reads',
    'POST /api/alerts/:id/acknowledge': 'changes',
    'POST /api/alerts/:id/snooze': 'changes',
    'GET /api/alerts/:id/why': 'reads',
    'GET /api/events': 'reads',
  },
  'user-service': {
    'GET /users': 'reads',
    'GET /users/:id': 'reads',
    'POST /users': 'changes',
    'GET /replication': 'reads',
    'GET /replication/keys': 'reads',
    'POST /replication/publication': 'changes',
    'PATCH /users/:id': 'changes',
    'DELETE /users/:id': 'changes',
    'GET /users/:userId/places': 'reads',
    'GET /users/:userId/places/:id': 'reads',
    'POST /users/:userId/places': 'changes',
    'PATCH /users/:userId/places/:id': 'changes',
    'DELETE /users/:userId/places/:id': 'changes',
    'GET /users/:userId/alerts': 'reads',
    'GET /users/:userId/alerts/live': 'reads',
    'GET /users/:userId/inbox': 'reads',
    'POST /alerts/:id/acknowledge': 'changes',
    'POST /alerts/:id/snooze': 'changes',
    'GET /alerts/:id/why': 'reads',
    'GET /users/:userId/official-warnings': 'reads',
    'PUT /users/:userId/official-warnings': 'changes',
    'POST /imports/:kind': 'changes',
    'GET /users/:userId/notice-settings': 'reads',
    'PUT /users/:userId/notice-settings': 'changes',
    'GET /users/:userId/email': 'reads',
    'PUT /users/:userId/email': 'changes',
    'DELETE /users/:userId/email': 'changes',
    'GET /email/confirm': 'link',
    'POST /email/confirm': 'answers',
    'GET /email/unsubscribe': 'link',
    'POST /email/unsubscribe': 'answers',
    'GET /users/:userId/webhooks': 'reads',
    'GET /users/:userId/webhooks/:id': 'reads',
    'POST /users/:userId/webhooks': 'changes',
    'PATCH /users/:userId/webhooks/:id': 'changes',
    'DELETE /users/:userId/webhooks/:id': 'changes',
    'POST /users/:userId/webhooks/:id/secret': 'changes',
    'POST /users/:userId/webhooks/:id/test': 'changes',
    'GET /users/:userId/webhooks/:id/deliveries': 'reads',
    'POST /users/:userId/webhooks/:id/replay': 'changes',
    'POST /users/:userId/webhooks/:id/deliveries/:deliveryId/replay': 'changes',
    'GET /users/:userId/rules': 'reads',
    'GET /users/:userId/rules/:id': 'reads',
    'POST /users/:userId/rules': 'changes',
    'PATCH /users/:userId/rules/:id': 'changes',
    'DELETE /users/:userId/rules/:id': 'changes',
  },
  'weather-ingest': {
    'GET /cities': 'reads',
    'GET /cities/:id': 'reads',
    'POST /cities': 'changes',
    'DELETE /cities/:id': 'changes',
    'GET /cities/:id/weather': 'reads',
    'GET /settings/poll-interval': 'reads',
    'PUT /settings/poll-interval': 'changes',
    'GET /status': 'reads',
  },
  'sensor-sim': {
    'GET /sensors': 'reads',
    'GET /sensors/:id': 'reads',
    'POST /sensors/:id/pause': 'changes',
    'POST /sensors/:id/resume': 'changes',
    'GET /scenarios': 'reads',
    'POST /scenarios/:name/start': 'changes',
    'POST /scenarios/:name/stop': 'changes',
    'GET /settings/interval': 'reads',
    'PUT /settings/interval': 'changes',
  },
  'stream-admin': {
    'GET /queries': 'reads',
    'GET /queries/:name': 'reads',
    'POST /queries/:name/redeploy': 'changes',
    'GET /deployments': 'reads',
    'POST /deployments': 'changes',
    // A plan is kept, and a preview is work: neither is for who may only read.
    'POST /plans': 'changes',
    'POST /plans/preview': 'changes',
    'GET /plans/:id': 'reads',
    'POST /plans/:id/deploy': 'changes',
    'GET /connectors': 'reads',
    'GET /connectors/:name': 'reads',
    'POST /connectors/:name/resnapshot': 'changes',
    'GET /dead-letters': 'reads',
    'GET /dead-letters/:id': 'reads',
    'POST /dead-letters/replay': 'changes',
    'POST /dead-letters/:id/replay': 'changes',
    'GET /topics': 'reads',
    'GET /topics/:name': 'reads',
    'GET /losses': 'reads',
    'POST /losses/acknowledge': 'changes',
    'GET /consumer-groups': 'reads',
    'GET /consumer-groups/:id': 'reads',
  },
} satisfies Record<string, RouteTable>;

/** The page's files are served by a middleware, which lists none. */
const pageFiles = ['GET /', 'GET /index.html', 'GET /app.js'];

const away = {
  PORT: '0',
  LOG_LEVEL: 'silent',
  KAFKA_BROKERS: '127.0.0.1:1',
  DATABASE_URL: 'postgres://nobody:nothing@127.0.0.1:1/nowhere',
  KSQLDB_URL: 'http://127.0.0.1:1',
  CONNECT_URL: 'http://127.0.0.1:1',
  WEATHER_MODE: 'sample',
};

function nestService(
  name: keyof typeof tables,
  startService: (environment: Environment) => Promise<RunningService>,
  unlistedRoutes: readonly string[] = [],
): GuardedService {
  return {
    name,
    table: { ...commonTable, ...tables[name] },
    start: async (environment) => {
      // A service may write to its files; none of the checkout's.
      const folder = mkdtempSync(join(tmpdir(), 'isobar-guard-'));
      copyFileSync('config/cities.json', join(folder, 'cities.json'));
      const { app, url, stop } = await startService({
        ...away,
        CITIES_FILE: join(folder, 'cities.json'),
        CACHE_DIR: folder,
        BUFFER_DIR: folder,
        ...environment,
      });
      return {
        name,
        port: Number(new URL(url).port),
        routes: [...unlistedRoutes, ...expressRoutes(app.getHttpAdapter().getInstance())],
        takesForms: false,
        stop: async () => {
          await stop();
          rmSync(folder, { recursive: true, force: true });
        },
      };
    },
  };
}

interface ExpressLayer {
  readonly route?: { readonly path: string; readonly methods: Readonly<Record<string, boolean>> };
}

/** What Express will really route, whoever registered it. */
function expressRoutes(instance: { readonly router: { readonly stack: readonly ExpressLayer[] } }): string[] {
  return instance.router.stack.flatMap(({ route }) =>
    route === undefined ? [] : Object.keys(route.methods).map((method) => `${method.toUpperCase()} ${route.path}`),
  );
}

const ksqlServer: GuardedService = {
  name: 'ksql-server',
  table: {
    'GET /': 'health',
    'GET /info': 'health',
    'GET /healthcheck': 'health',
    'GET /healthz': 'health',
    'GET /readyz': 'health',
    'GET /chc/ready': 'health',
    'GET /chc/live': 'health',
    'GET /v1/metadata': 'reads',
    'GET /v1/metadata/id': 'reads',
    'GET /metrics': 'reads',
    'GET /query-metrics': 'reads',
    'GET /status': 'reads',
    'GET /status/*': 'reads',
    'GET /is_valid_property/*': 'reads',
    'GET /ws/query': 'reads',
    'GET /clusterStatus': 'reads',
    // What a statement of it changes is refused by the route itself.
    'POST /ksql': 'asks',
    'POST /query': 'asks',
    'POST /query-stream': 'asks',
    'POST /close-query': 'asks',
    'POST /inserts-stream': 'changes',
    'POST /ksql/terminate': 'changes',
    'POST /heartbeat': 'changes',
    'POST /lag': 'changes',
  },
  start: async (environment) => {
    const config = readServerConfig({ ...away, ...environment });
    const server = await startServer({ config, properties: {}, log: createLogger('ksql-server', 'silent') });
    return {
      name: 'ksql-server',
      port: server.port,
      routes: server.routes,
      takesForms: true,
      stop: () => server.stop(),
    };
  },
};

export const guardedServices: readonly GuardedService[] = [
  ksqlServer,
  nestService('dashboard', (environment) => createService(dashboardService, environment), pageFiles),
  nestService('user-service', (environment) => createService(userService, environment)),
  nestService('weather-ingest', (environment) => createService(weatherIngestService, environment)),
  nestService('sensor-sim', (environment) => createService(sensorSimService, environment)),
  nestService('stream-admin', (environment) => createService(streamAdminService, environment)),
];
