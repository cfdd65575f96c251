import { join } from 'node:path';
import { repositoryRoot, type StackHome } from './home.js';
import type { JavaRuntime } from './jvm/java.js';
import type { Job, Part } from './part.js';
import { connectPart } from './parts/connect.js';
import { kafkaPart } from './parts/kafka.js';
import { nodeAppPart, type NodeAppOptions } from './parts/node-app.js';
import { databaseUrl, postgresPart } from './parts/postgres.js';
import { registryPart, registryUrl } from './parts/registry.js';
import { firstRecordJob } from './first-record/first-record.js';
import { topicsJob } from './parts/topics.js';
import type { Secrets } from './secrets.js';
import type { StackPlan } from './stack/stack.js';
import { authEnvironment, stackToken } from './stack-token.js';
import type { PortName, StackPorts } from './stack-ports.js';

export interface PlanOptions {
  readonly home: StackHome;
  readonly java: JavaRuntime;
  readonly ports: StackPorts;
  readonly secrets: Secrets;
  /** Names of the steps to include; all, the optional ones too, when absent. */
  readonly only?: readonly string[];
  /** Told how long the marked reading took, in milliseconds. */
  readonly onFirstRecord: (probeMs: number) => void;
  /** Besides what the user's own environment says. */
  readonly environment?: Readonly<Record<string, string>>;
}

/** Every step of the native runtime. */
export const stepNames = [
  'postgres',
  'kafka',
  'topics',
  'connect',
  'registry',
  'ksql-server',
  'user-service',
  'weather-ingest',
  'sensor-sim',
  'stream-admin',
  'dashboard',
  'first-record',
] as const;

/** Steps that run only when they are asked for. */
export const optionalSteps = ['registry'] as const;
export type OptionalStep = (typeof optionalSteps)[number];

type AppName = 'ksql-server' | 'user-service' | 'weather-ingest' | 'sensor-sim' | 'stream-admin' | 'dashboard';

/** What each of our programs waits for, beside its readiness path. */
const apps: Record<
  AppName,
  Pick<NodeAppOptions, 'startsAfter' | 'readyPath' | 'usablePath' | 'fallbackPath' | 'stopRank'>
> = {
  'ksql-server': {
    startsAfter: ['topics'],
    usablePath: '/info',
    readyPath: '/readyz',
    fallbackPath: '/healthcheck',
    stopRank: 30,
  },
  'user-service': { startsAfter: ['postgres', 'topics'], readyPath: '/readyz', stopRank: 50 },
  'weather-ingest': { startsAfter: ['topics'], readyPath: '/readyz', stopRank: 50 },
  'sensor-sim': { startsAfter: ['topics'], readyPath: '/readyz', stopRank: 50 },
  // The connector needs the publication that user-service's migrations make; Connect itself it waits for by itself.
  'stream-admin': { startsAfter: ['topics', 'ksql-server', 'user-service'], readyPath: '/readyz', stopRank: 50 },
  dashboard: { startsAfter: ['topics'], readyPath: '/readyz', stopRank: 50 },
};

/** Which step answers at an address. */
const stepOfAddress: Readonly<Record<string, string>> = {
  KAFKA_BROKERS: 'kafka',
  DATABASE_URL: 'postgres',
  CONNECT_URL: 'connect',
  SCHEMA_REGISTRY_URL: 'registry',
  KSQLDB_URL: 'ksql-server',
  USER_SERVICE_URL: 'user-service',
  WEATHER_INGEST_URL: 'weather-ingest',
  SENSOR_SIM_URL: 'sensor-sim',
  STREAM_ADMIN_URL: 'stream-admin',
  DASHBOARD_URL: 'dashboard',
};

/** The addresses of the steps that run. */
export const addressesOf = (
  addresses: Readonly<Record<string, string>>,
  only: readonly string[] = stepNames,
): Record<string, string> =>
  Object.fromEntries(Object.entries(addresses).filter(([name]) => only.includes(stepOfAddress[name] ?? '')));

/** Addresses as environment variables, the way every service, test and user reads them. */
export function stackAddresses(ports: StackPorts, secrets: Secrets): Record<string, string> {
  const http = (name: PortName): string => `http://127.0.0.1:${ports[name]}`;
  return {
    KAFKA_BROKERS: `127.0.0.1:${ports.kafka}`,
    DATABASE_URL: databaseUrl(ports.postgres, secrets),
    CONNECT_URL: http('connect'),
    SCHEMA_REGISTRY_URL: registryUrl(ports.registry),
    KSQLDB_URL: http('ksql-server'),
    USER_SERVICE_URL: http('user-service'),
    WEATHER_INGEST_URL: http('weather-ingest'),
    SENSOR_SIM_URL: http('sensor-sim'),
    STREAM_ADMIN_URL: http('stream-admin'),
    DASHBOARD_URL: http('dashboard'),
  };
}

/** The parts and jobs of the native runtime, wired to each other's addresses. */
export function createPlan(options: PlanOptions): StackPlan {
  const { home, java, ports, secrets, only, onFirstRecord, environment = {} } = options;
  const addresses = stackAddresses(ports, secrets);
  const { SCHEMA_REGISTRY_URL: registry = '', ...others } = addresses;
  const hasRegistry = only === undefined || only.includes('registry');
  const appPart = (name: AppName): Part =>
    nodeAppPart({
      home,
      name,
      port: ports[name],
      ...apps[name],
      stopTimeoutMs: 3500,
      environment: {
        ...environment,
        ...authEnvironment(home),
        ...appEnvironment(home, others),
        ...(hasRegistry ? registryEnvironment(registry) : {}),
      },
    });
  const parts = [
    postgresPart({ home, port: ports.postgres, secrets }),
    kafkaPart({ home, java, port: ports.kafka, controllerPort: ports['kafka-controller'] }),
    connectPart({
      home,
      java,
      port: ports.connect,
      kafkaPort: ports.kafka,
      postgresPort: ports.postgres,
      secrets,
    }),
    registryPart({ home, java, port: ports.registry, postgresPort: ports.postgres, secrets }),
    ...(Object.keys(apps) as AppName[]).map(appPart),
  ];
  const jobs: Job[] = [
    topicsJob(addresses['KAFKA_BROKERS'] ?? ''),
    firstRecordJob({ addresses, onFirstRecord, token: stackToken(home) }),
  ];
  const included = ({ name }: { name: string }): boolean => only === undefined || only.includes(name);
  return { parts: parts.filter(included), jobs: jobs.filter(included) };
}

/** What is added while it runs is data of this stack; whoever keeps a list of their own has it written into that. */
function citiesEnvironment(home: StackHome): Record<string, string> {
  const { CITIES_FILE: file, CITIES_ADDED_FILE: addedFile } = process.env;
  return {
    CITIES_FILE: file ?? join(repositoryRoot, 'config', 'cities.json'),
    ...(addedFile === undefined && file !== undefined
      ? {}
      : { CITIES_ADDED_FILE: addedFile ?? join(home.data, 'cities.json') }),
  };
}

/** The settings of a process's environment that name a schema registry, or say how to get into one. */
export const registrySettings = (environment: NodeJS.ProcessEnv = process.env): string[] =>
  Object.keys(environment).filter((name) => /^(KSQL_KSQL_)?SCHEMA_REGISTRY_/.test(name) && environment[name] !== '');

/** The registry of the stack, and nothing of another one that the user's environment names: least of all its credentials. */
const registryEnvironment = (url: string): Record<string, string> => ({
  ...Object.fromEntries(registrySettings().map((name) => [name, ''])),
  SCHEMA_REGISTRY_URL: url,
});

/** What every one of our programs is told; each reads what it needs. */
function appEnvironment(home: StackHome, addresses: Readonly<Record<string, string>>): Record<string, string> {
  return {
    ...addresses,
    ...citiesEnvironment(home),
    KSQL_DIR: join(repositoryRoot, 'ksql'),
    CONNECTORS_DIR: join(repositoryRoot, 'connectors'),
    CACHE_DIR: join(home.data, 'weather-cache'),
    BUFFER_DIR: join(home.data, 'buffers'),
    KSQL_STATE_DIR: join(home.data, 'ksql-server'),
  };
}
