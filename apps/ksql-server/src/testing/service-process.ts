import { randomFreePorts, startTestStack } from '@isobar/local-stack/testing';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { copyFileSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

/** The services on Nest. */
export const SERVICES = ['dashboard', 'sensor-sim', 'stream-admin', 'user-service', 'weather-ingest'] as const;
export type Service = (typeof SERVICES)[number];

/** A service as a process of its own, with a folder of its own; user-service has its database, all other neighbours are away. */
export interface ServiceProcess {
  readonly port: number;
  readonly url: string;
  /** What it said until now. */
  readonly output: string;
  /** Whether it said that it failed for a reason of its own. */
  readonly hasFailed: boolean;
  readonly isAlive: boolean;
  stop(): Promise<void>;
}

const root = fileURLToPath(new URL('../../../..', import.meta.url));
const START_MS = 120_000;

/** What needs a neighbour says that it is away; everything before is reached all the same. */
const away = {
  LOG_LEVEL: 'error',
  KAFKA_BROKERS: '127.0.0.1:1',
  DATABASE_URL: 'postgres://nobody:nothing@127.0.0.1:1/nowhere',
  KSQLDB_URL: 'http://127.0.0.1:1',
  CONNECT_URL: 'http://127.0.0.1:1',
  USER_SERVICE_URL: 'http://127.0.0.1:1',
  NWS_BASE_URL: 'http://127.0.0.1:1',
};

/** Starts what is built of a service and waits until it answers. @throws Error with its output when it does not */
export async function startServiceProcess(
  service: Service,
  environment: Readonly<Record<string, string>> = {},
): Promise<ServiceProcess> {
  const [port = 0] = await randomFreePorts(1);
  // Without its database it has an answer to hardly anything.
  const stack = service === 'user-service' ? await startTestStack({ parts: ['postgres'] }) : undefined;
  const folder = mkdtempSync(join(tmpdir(), 'isobar-fuzz-'));
  // Cities may be added; not to those of the checkout.
  const cities = join(folder, 'cities.json');
  copyFileSync(join(root, 'config/cities.json'), cities);
  const child = spawn(process.execPath, [join(root, 'apps', service, 'dist/main.js')], {
    cwd: root,
    env: {
      PATH: process.env['PATH'] ?? '',
      ...away,
      CITIES_FILE: cities,
      CITIES_ADDED_FILE: join(folder, 'added.json'),
      CACHE_DIR: folder,
      BUFFER_DIR: folder,
      ...(stack && { DATABASE_URL: stack.databaseUrl }),
      ...environment,
      PORT: String(port),
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr])
    stream.on('data', (chunk: Buffer) => (output = (output + String(chunk)).slice(-1_000_000)));
  const killOnExit = (): void => void child.kill('SIGKILL');
  process.once('exit', killOnExit);
  const isAlive = (): boolean => child.exitCode === null && child.signalCode === null;
  const stop = async (): Promise<void> => {
    process.removeListener('exit', killOnExit);
    if (isAlive()) {
      const ended = once(child, 'exit');
      child.kill('SIGKILL');
      await ended;
    }
    await stack?.stop();
    rmSync(folder, { recursive: true, force: true });
  };
  const url = `http://127.0.0.1:${port}`;
  const deadline = performance.now() + START_MS;
  while (!(await fetch(`${url}/healthz`).catch(() => undefined))?.ok) {
    if (!isAlive() || performance.now() > deadline) {
      await stop();
      throw new Error(`${service} does not answer:\n${output}`);
    }
    await delay(100);
  }
  return {
    port,
    url,
    stop,
    get output() {
      return output;
    },
    get hasFailed() {
      return output.includes('The service could not do this; its log has the cause');
    },
    get isAlive() {
      return isAlive();
    },
  };
}
