import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import type { StackHome } from '../home.js';
import type { JavaRuntime } from '../jvm/java.js';
import { jvmLaunch } from '../jvm/jvm-launch.js';
import { answersHttp, answerTimeoutMs, checkHttp, type Part } from '../part.js';
import type { Secrets } from '../secrets.js';
import { StackError } from '../stack-error.js';
import { ensureDatabase, ensureRole, superuser } from './postgres-client.js';

export interface RegistryOptions {
  readonly home: StackHome;
  readonly java: JavaRuntime;
  readonly port: number;
  readonly postgresPort: number;
  readonly secrets: Secrets;
}

/** Where clients of a schema registry find it. */
export const registryUrl = (port: number): string => `http://127.0.0.1:${port}/apis/ccompat/v7`;

/** Its role, and the database that the role owns. */
const databaseName = 'registry';

/** What every version of a schema promises to the readers of the one before, where nobody has said otherwise. */
const defaultLevel = 'BACKWARD';

/**
 * Apicurio Registry with Confluent's REST interface; schemas, ids and levels in a database of its own in the stack's PostgreSQL. It asks
 * nobody for credentials, as the other parts on loopback.
 */
export function registryPart({ home, java, port, postgresPort, secrets }: RegistryOptions): Part {
  const url = registryUrl(port);
  return {
    name: 'registry',
    startsAfter: ['postgres'],
    // After those that ask it, before its database.
    stopRank: 20,
    address: `http://127.0.0.1:${port}`,
    stop: { signal: 'SIGTERM', timeoutMs: 9000 },

    prepare: () => createDatabase(postgresPort, secrets),

    // No class-data archive: to write one on the way out takes longer than a stop may.
    launch: () =>
      jvmLaunch({
        java,
        home,
        program: { jar: runnerJar(home) },
        args: [],
        heapMaxMb: 256,
        environment: {
          QUARKUS_HTTP_HOST: '127.0.0.1',
          QUARKUS_HTTP_PORT: String(port),
          // Its own log of requests would be written at every look.
          QUARKUS_HTTP_ACCESS_LOG_ENABLED: 'false',
          QUARKUS_LOG_LEVEL: 'WARN',
          APICURIO_UI_ENABLED: 'false',
          // Holds from its first moment; who asks for the level is told NONE all the same, until one is set.
          APICURIO_RULES_GLOBAL_COMPATIBILITY: defaultLevel,
          APICURIO_STORAGE_KIND: 'sql',
          APICURIO_STORAGE_SQL_KIND: 'postgresql',
          APICURIO_DATASOURCE_URL: `jdbc:postgresql://127.0.0.1:${postgresPort}/${databaseName}`,
          APICURIO_DATASOURCE_USERNAME: databaseName,
          APICURIO_DATASOURCE_PASSWORD: secrets.registryPassword,
          APICURIO_DATASOURCE_JDBC_INITIAL_SIZE: '2',
          APICURIO_DATASOURCE_JDBC_MIN_SIZE: '1',
          APICURIO_DATASOURCE_JDBC_MAX_SIZE: '8',
        },
      }),

    // Its health says nothing of whether the database can be read; a list of subjects does.
    check: () => checkHttp(`${url}/subjects`),
    isAlive: () => answersHttp(`http://127.0.0.1:${port}/health/live`),
    afterReady: () => setDefaultLevel(url),
  };
}

function runnerJar({ registry }: StackHome): string {
  const jar = existsSync(registry) ? readdirSync(registry).find((name) => name.endsWith('-runner.jar')) : undefined;
  if (jar !== undefined) return join(registry, jar);
  throw new StackError(`the schema registry's files are not in ${registry}`, {
    fix: 'npx isobar setup --with registry fetches them',
  });
}

async function createDatabase(postgresPort: number, { postgresPassword, registryPassword }: Secrets): Promise<void> {
  const connection = superuser(postgresPort, postgresPassword);
  try {
    await ensureRole(connection, { name: databaseName, password: registryPassword });
    await ensureDatabase(connection, databaseName, databaseName);
  } catch (error) {
    throw new StackError('the schema registry has no database', {
      why: `PostgreSQL on 127.0.0.1:${postgresPort}: ${error instanceof Error ? error.message : String(error)}`,
      fix: 'its schemas are kept in the PostgreSQL of the stack: with --only, name postgres too',
    });
  }
}

/**
 * Confluent's registry checks every new version from the start; this one takes anything until it is told to, and says NONE. A level that
 * somebody has set stays.
 */
async function setDefaultLevel(url: string): Promise<void> {
  const request = async (init: RequestInit): Promise<string | undefined> => {
    const response = await fetch(`${url}/config`, { ...init, signal: AbortSignal.timeout(answerTimeoutMs()) });
    const body = await response.text();
    if (!response.ok)
      throw new StackError(`the schema registry takes no level of compatibility`, {
        why: `${init.method} ${url}/config answers ${response.status} ${body}`,
      });
    return (JSON.parse(body) as { compatibilityLevel?: string }).compatibilityLevel;
  };
  if ((await request({ method: 'GET' })) !== 'NONE') return;
  await request({
    method: 'PUT',
    headers: { 'content-type': 'application/vnd.schemaregistry.v1+json' },
    body: JSON.stringify({ compatibility: defaultLevel }),
  });
}
