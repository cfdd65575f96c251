import { execFile } from 'node:child_process';
import { chownSync, existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import type { StackHome } from '../home.js';
import { aliveTimeoutMs, answerTimeoutMs, type Part } from '../part.js';
import type { Secrets } from '../secrets.js';
import { postgresBinaries, postgresUser, reachableFolder } from './postgres-binaries.js';
import { createTimeoutMs, ensureDatabase, ensureRole, query, superuser, type Connection } from './postgres-client.js';

export interface PostgresOptions {
  readonly home: StackHome;
  readonly port: number;
  readonly secrets: Secrets;
}

/** Where PostgreSQL's data of a home stands: inside it, unless PostgreSQL's user cannot get there. */
export const postgresDataFolder = (home: StackHome): string =>
  reachableFolder(join(home.data, 'postgres'), postgresUser());

/** PostgreSQL with logical replication on, the database `isobar`, its owner `isobar` and the capture role `isobar_cdc`. */
export function postgresPart({ home, port, secrets }: PostgresOptions): Part {
  const user = postgresUser();
  const dataFolder = postgresDataFolder(home);
  const environment = { PATH: process.env['PATH'] ?? '', LC_ALL: 'C', TZ: 'UTC' };
  const program = (name: string): string => join(postgresBinaries(user), 'bin', name);
  const connection = superuser(port, secrets.postgresPassword);

  return {
    name: 'postgres',
    startsAfter: [],
    stopRank: 10,
    address: `127.0.0.1:${port}`,
    // SIGINT is PostgreSQL's fast stop. SIGTERM would wait for every client to leave by itself.
    stop: { signal: 'SIGINT', timeoutMs: 5000 },

    async prepare(signal) {
      if (existsSync(join(dataFolder, 'PG_VERSION')) && existsSync(join(dataFolder, 'isobar-initialized'))) return;
      rmSync(dataFolder, { recursive: true, force: true });
      // The mode is for this folder alone: whoever runs PostgreSQL must be able to walk down to it.
      mkdirSync(dirname(dataFolder), { recursive: true });
      mkdirSync(dataFolder, { mode: 0o700 });
      if (user !== undefined) chownSync(dataFolder, user.uid, user.gid);
      const passwordFile = `${dataFolder}.password`;
      writeFileSync(passwordFile, secrets.postgresPassword, { mode: 0o600 });
      try {
        if (user !== undefined) chownSync(passwordFile, user.uid, user.gid);
        await promisify(execFile)(
          program('initdb'),
          ['-D', dataFolder, '-U', 'postgres', '--auth=scram-sha-256', `--pwfile=${passwordFile}`].concat([
            '--encoding=UTF8',
            // PostgreSQL's own order and case of characters: the same on every system, and macOS knows no C.UTF-8.
            '--locale=C',
            '--locale-provider=builtin',
            '--builtin-locale=C.UTF-8',
            '--no-sync',
          ]),
          { env: environment, cwd: '/', timeout: 300_000, signal, ...user },
        );
      } finally {
        rmSync(passwordFile, { force: true });
      }
      // An initdb that was cut short leaves a folder that PostgreSQL cannot start from; this file tells it from a finished one.
      writeFileSync(join(dataFolder, 'isobar-initialized'), '');
    },

    launch: () => ({
      file: program('postgres'),
      args: [
        '-D',
        dataFolder,
        '-p',
        String(port),
        ...Object.entries(serverSettings).flatMap(([name, value]) => ['-c', `${name}=${value}`]),
      ],
      env: environment,
      cwd: '/',
      ...user,
    }),

    async check() {
      try {
        const [seen] = await query(connection, answerTimeoutMs(), lookStatement);
        const lost = String(seen?.['lost'] ?? '');
        return {
          ready: true,
          sees: `version ${String(seen?.['version'])}`,
          ...(lost === '' ? {} : { trouble: describeLostSlots(lost) }),
        };
      } catch (error) {
        return { ready: false, sees: error instanceof Error ? error.message : String(error) };
      }
    },

    async isAlive() {
      try {
        await query(connection, aliveTimeoutMs, 'SELECT 1');
        return true;
      } catch (error) {
        // An error with one of SQL's codes (no connection left, a recovery under way) is an answer.
        return /^[0-9A-Z]{5}$/.test(String((error as { code?: unknown }).code));
      }
    },

    afterReady: () => createDatabase(connection, secrets),
  };
}

const serverSettings = {
  listen_addresses: '127.0.0.1',
  unix_socket_directories: '',
  wal_level: 'logical',
  max_wal_senders: 8,
  max_replication_slots: 8,
  max_connections: 60,
  shared_buffers: '64MB',
  max_slot_wal_keep_size: '1GB',
  timezone: 'UTC',
  log_timezone: 'UTC',
};

/** The version, and each replication slot that cannot go on with why. */
const lookStatement = `SELECT current_setting('server_version') AS version,
  (SELECT string_agg(slot_name || ' (' || coalesce(invalidation_reason, wal_status) || ')', ', ' ORDER BY slot_name)
   FROM pg_replication_slots WHERE wal_status = 'lost' OR invalidation_reason IS NOT NULL) AS lost`;

const describeLostSlots = (lost: string): string =>
  `replication slot lost: ${lost}. Changes of people arrive no more; npx isobar people resnapshot reads them all again`;

/** Roles and database, once; passwords follow the secrets folder on every start. */
async function createDatabase(connection: Connection, { ownerPassword, cdcPassword }: Secrets): Promise<void> {
  await ensureRole(connection, { name: 'isobar', password: ownerPassword });
  await ensureRole(connection, { name: 'isobar_cdc', attributes: 'REPLICATION', password: cdcPassword });
  await ensureDatabase(connection, 'isobar', 'isobar');
  await query(
    { ...connection, database: 'isobar' },
    createTimeoutMs,
    'GRANT USAGE ON SCHEMA public TO isobar_cdc',
    // Whatever tables user-service's migrations make, change data capture may read them for its first snapshot.
    'ALTER DEFAULT PRIVILEGES FOR ROLE isobar IN SCHEMA public GRANT SELECT ON TABLES TO isobar_cdc',
  );
}

/** The address of the `isobar` database for its owner; with the password when the secrets are given. */
export const databaseUrl = (port: number, secrets?: Secrets): string =>
  `postgresql://isobar${secrets === undefined ? '' : `:${encodeURIComponent(secrets.ownerPassword)}`}@127.0.0.1:${port}/isobar`;
