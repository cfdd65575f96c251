import { randomFreePorts } from '@isobar/local-stack/testing';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import type { KillablePart, Runtime } from './runtime.js';

const services: Readonly<Record<KillablePart, string>> = {
  'ksql-server': 'ksqldb',
  connect: 'connect',
  'sensor-sim': 'sensor-sim',
};

const PORT_VARIABLES = [
  'KAFKA_PORT',
  'CONNECT_PORT',
  'KSQLDB_PORT',
  'USER_SERVICE_PORT',
  'WEATHER_INGEST_PORT',
  'SENSOR_SIM_PORT',
  'STREAM_ADMIN_PORT',
  'DASHBOARD_PORT',
] as const;
type PortVariable = (typeof PORT_VARIABLES)[number];

/**
 * The compose file as a user runs it, in a project of its own on free ports. `E2E_COMPOSE_FILES` adds files, separated by
 * colons, such as docker/compose.embedded.yml.
 */
export async function startCompose(): Promise<Runtime> {
  const files = [
    'docker-compose.yml',
    ...(process.env['E2E_COMPOSE_FILES'] ?? '').split(':').filter((file) => file !== ''),
  ];
  const free = await randomFreePorts(PORT_VARIABLES.length);
  const ports = Object.fromEntries(PORT_VARIABLES.map((name, i) => [name, String(free[i])])) as Record<
    PortVariable,
    string
  >;
  const compose = (...args: string[]) =>
    docker(['compose', '-p', `isobar-e2e-${process.pid}`, ...files.flatMap((file) => ['-f', file]), ...args], {
      ...ports,
      WEATHER_MODE: 'sample',
    });
  const up = await compose('up', '--build', '--wait', '--wait-timeout', '420', '--detach');
  if (up.code !== 0) {
    const logs = await compose('logs', '--tail', '30');
    const states = await compose('ps', '-a');
    await compose('down', '--volumes');
    throw new Error(
      `docker compose up ended with ${up.code}:\n${up.output.slice(-6_000)}\n${states.output}\n${logs.output.slice(-12_000)}`,
    );
  }
  const http = (variable: PortVariable) => `http://127.0.0.1:${ports[variable]}`;
  return {
    name: 'compose',
    addresses: {
      kafkaBrokers: `localhost:${ports.KAFKA_PORT}`,
      ksqldbUrl: http('KSQLDB_PORT'),
      connectUrl: http('CONNECT_PORT'),
      dashboardUrl: http('DASHBOARD_PORT'),
      userServiceUrl: http('USER_SERVICE_PORT'),
      sensorSimUrl: http('SENSOR_SIM_PORT'),
      streamAdminUrl: http('STREAM_ADMIN_PORT'),
    },
    kill: async (part) => {
      // From inside: the engine restarts what crashed, but not what was stopped by `docker kill`. The shell is not hit itself.
      await compose('exec', '-T', services[part], 'sh', '-c', 'kill -9 -1');
    },
    stop: async () => {
      const down = await compose('down', '--volumes', '--timeout', '20');
      if (down.code !== 0) throw new Error(`docker compose down ended with ${down.code}:\n${down.output}`);
    },
  };
}

async function docker(
  args: readonly string[],
  environment: Readonly<Record<string, string>>,
): Promise<{ code: number; output: string }> {
  const child = spawn('docker', args, {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, ...environment },
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk: Buffer) => (output += chunk.toString()));
  const [code] = (await once(child, 'exit')) as [number | null];
  return { code: code ?? -1, output };
}
