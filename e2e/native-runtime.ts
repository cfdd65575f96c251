import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync, chmodSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { Addresses, KillablePart, Runtime } from './runtime.js';

interface Status {
  readonly addresses: Readonly<Record<string, string>>;
  readonly parts: Readonly<Record<string, { readonly process?: { readonly pid: number } }>>;
}

interface CommandResult {
  readonly code: number;
  readonly stdout: string;
  /** What went to either stream. */
  readonly output: string;
}

export interface NativeRuntime extends Runtime {
  /** The folder of its data and logs. */
  readonly home: string;
  /** Runs the CLI against this stack. */
  isobar(...args: string[]): Promise<CommandResult>;
  /** The process of each part. */
  pids(): Promise<Readonly<Record<string, number | undefined>>>;
}

/**
 * The native runtime in a folder of its own, driven through its CLI as a user drives it.
 *
 * @param environment besides this process's own
 */
export async function startNative(environment: Readonly<Record<string, string>> = {}): Promise<NativeRuntime> {
  const home = mkdtempSync(join(tmpdir(), 'isobar-e2e-'));
  chmodSync(home, 0o755); // PostgreSQL may run as another user
  const isobar = (...args: string[]) => run(['apps/isobar/bin/isobar.mjs', '--home', home, ...args], environment);
  const up = await isobar('up', '--detach', '--offline', '--plain');
  if (up.code !== 0) throw new Error(`isobar up ended with ${up.code}:\n${up.output}`);
  const status = async (): Promise<Status> => JSON.parse((await isobar('status', '-o', 'json')).stdout) as Status;
  const { addresses } = await status();
  return {
    name: 'native',
    home,
    isobar,
    pids: async () =>
      Object.fromEntries(Object.entries((await status()).parts).map(([name, part]) => [name, part.process?.pid])),
    addresses: {
      kafkaBrokers: addresses['KAFKA_BROKERS'] ?? '',
      ksqldbUrl: addresses['KSQLDB_URL'] ?? '',
      connectUrl: addresses['CONNECT_URL'] ?? '',
      dashboardUrl: addresses['DASHBOARD_URL'] ?? '',
      userServiceUrl: addresses['USER_SERVICE_URL'] ?? '',
      sensorSimUrl: addresses['SENSOR_SIM_URL'] ?? '',
      streamAdminUrl: addresses['STREAM_ADMIN_URL'] ?? '',
    } satisfies Addresses,
    kill: async (part: KillablePart) => {
      const pid = (await status()).parts[part]?.process?.pid;
      if (pid === undefined) throw new Error(`${part} has no process`);
      process.kill(pid, 'SIGKILL');
    },
    stop: async () => {
      const down = await isobar('down');
      await delay(100);
      rmSync(home, { recursive: true, force: true });
      if (down.code !== 0) throw new Error(`isobar down ended with ${down.code}:\n${down.output}`);
    },
  };
}

function run(args: readonly string[], environment: Readonly<Record<string, string>>): Promise<CommandResult> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, args, {
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { ...process.env, ...environment },
    });
    let stdout = '';
    let output = '';
    child.stdout.on('data', (chunk: Buffer) => {
      stdout += chunk.toString();
      output += chunk.toString();
    });
    child.stderr.on('data', (chunk: Buffer) => (output += chunk.toString()));
    child.on('error', reject);
    child.on('exit', (code) => resolve({ code: code ?? -1, stdout, output }));
  });
}
