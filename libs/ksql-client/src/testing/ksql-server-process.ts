import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { createServer, type AddressInfo } from 'node:net';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';

const root = join(import.meta.dirname, '../../../..');

export interface KsqlServerProcess {
  readonly url: string;
  stop(): Promise<void>;
}

/** Builds and starts the repository's own server on a free port, and waits until it takes statements. */
export async function startKsqlServer(kafkaBrokers: string): Promise<KsqlServerProcess> {
  spawnSync(process.execPath, [join(root, 'tools/build.mjs')], { stdio: 'inherit' });
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  const server = spawn(process.execPath, [join(root, 'apps/ksql-server/dist/main.js')], {
    env: { ...process.env, PORT: String(port), KAFKA_BROKERS: kafkaBrokers, LOG_LEVEL: 'warn' },
    stdio: ['ignore', 'inherit', 'inherit'],
  });
  const stop = async (): Promise<void> => {
    if (server.exitCode !== null || server.signalCode !== null) return;
    server.kill('SIGTERM');
    await once(server, 'exit');
  };
  for (let attempt = 0; attempt < 300; attempt += 1) {
    const answer = await fetch(`${url}/readyz`).catch(() => undefined);
    if (answer?.status === 200) return { url, stop };
    if (server.exitCode !== null) break;
    await delay(100);
  }
  await stop();
  throw new Error(`The ksqlDB server did not start on port ${port}`);
}

/** A port of the loopback interface that nobody listens on at this moment. */
async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  return port;
}
