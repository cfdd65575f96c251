import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { randomFreePorts, startTestStack, type TestStack } from '@isobar/local-stack/testing';
import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';

/** Every service by itself, as `npm run start:<app>` runs it: addresses from the environment, nothing else. */
const apps = [
  { name: 'user-service', badVariable: 'DATABASE_URL', badValue: 'mysql://nowhere' },
  { name: 'weather-ingest', badVariable: 'WEATHER_MODE', badValue: 'sunny' },
  { name: 'sensor-sim', badVariable: 'SENSOR_INTERVAL_MS', badValue: 'often' },
  { name: 'stream-admin', badVariable: 'KSQLDB_URL', badValue: 'not an address' },
  { name: 'dashboard', badVariable: 'PORT', badValue: '99999' },
  { name: 'ksql-server', badVariable: 'KSQL_COMMIT_INTERVAL_MS', badValue: '0' },
] as const;

/** These wait for others before they are ready; what they wait for is not here. */
const needsMore = new Set<string>(['stream-admin', 'dashboard']);

describe('each service by itself', () => {
  let stack: TestStack;
  let folder: string;
  let child: ChildProcess | undefined;
  let output = '';

  beforeAll(async () => {
    spawnSync(process.execPath, ['tools/build.mjs']);
    folder = mkdtempSync(join(tmpdir(), 'isobar-citizens-'));
    stack = await startTestStack({ parts: ['kafka', 'postgres'] });
  }, 120_000);
  afterAll(async () => {
    await stack?.stop();
    rmSync(folder, { recursive: true, force: true });
  }, 60_000);
  afterEach(() => {
    child?.kill('SIGKILL');
  });

  it.each(apps)(
    '$name is started by npm run start:$name',
    ({ name }) => {
      const { scripts } = JSON.parse(readFileSync('package.json', 'utf8')) as { scripts: Record<string, string> };
      expect(scripts[`start:${name}`]).toBe(`node tools/run.mjs apps/${name}`);
      const run = spawnSync('npm', ['run', '--silent', `start:${name}`], {
        env: { ...environment({ PORT: 'no port' }), HOME: process.env['HOME'] },
        encoding: 'utf8',
        timeout: 60_000,
      });
      expect({ code: run.status, said: run.stderr }).toEqual({ code: 1, said: expect.stringContaining('PORT') });
    },
    90_000,
  );

  const environment = (extra: Readonly<Record<string, string>>): NodeJS.ProcessEnv => ({
    PATH: process.env['PATH'],
    KAFKA_BROKERS: stack.kafkaBrokers,
    DATABASE_URL: stack.databaseUrl,
    KSQLDB_URL: 'http://127.0.0.1:9',
    CONNECT_URL: 'http://127.0.0.1:9',
    CACHE_DIR: join(folder, 'cache'),
    BUFFER_DIR: join(folder, 'buffer'),
    WEATHER_MODE: 'sample',
    ...extra,
  });

  it.each(apps)('$name refuses a wrong $badVariable at once, naming it', ({ name, badVariable, badValue }) => {
    const startedAt = performance.now();
    const run = spawnSync(process.execPath, [`apps/${name}/dist/main.js`], {
      env: environment({ [badVariable]: badValue }),
      encoding: 'utf8',
      timeout: 20_000,
    });
    expect(run.status).toBe(1);
    expect(run.stderr).toContain(badVariable);
    // An address may hold a password, so it is not repeated.
    expect(run.stderr).toContain(badVariable === 'DATABASE_URL' ? '(value hidden)' : badValue);
    expect(performance.now() - startedAt).toBeLessThan(10_000);
  });

  it.each(apps)(
    '$name says how it is, counts what it does, and stops in order',
    async ({ name }) => {
      const [port = 0] = await randomFreePorts(1);
      child = spawn(process.execPath, [`apps/${name}/dist/main.js`], {
        env: environment({ PORT: String(port) }),
        stdio: ['ignore', 'pipe', 'pipe'],
      });
      output = '';
      for (const stream of [child.stdout, child.stderr])
        stream?.on('data', (chunk: Buffer) => (output += chunk.toString()));
      const url = `http://127.0.0.1:${port}`;
      await untilStatus(`${url}/healthz`, 200);
      await untilStatus(`${url}/readyz`, needsMore.has(name) ? 503 : 200);
      if (needsMore.has(name)) {
        // A service that is not ready names the part it waits for.
        const body = await (await fetch(`${url}/readyz`)).text();
        expect(body).toMatch(name === 'stream-admin' ? /ksqldb|connect/i : /topic|condition|feed/i);
      }
      expect(await (await fetch(`${url}/metrics`)).text()).toMatch(/^# TYPE \w+ (counter|gauge|histogram)/m);
      if (name !== 'ksql-server') {
        expect([200, 503]).toContain((await fetch(`${url}/health`)).status);
        const openapi = (await (await fetch(`${url}/api/docs-json`)).json()) as { openapi: string; paths: object };
        expect(openapi.openapi).toMatch(/^3\./);
        expect(Object.keys(openapi.paths).length).toBeGreaterThan(0);
        const unknown = await fetch(`${url}/no-such-path`);
        expect([unknown.status, unknown.headers.get('content-type')]).toEqual([
          404,
          expect.stringContaining('application/problem+json'),
        ]);
      }
      const lines = output.split('\n').filter((line) => line.startsWith('{'));
      expect(lines.map((line) => JSON.parse(line) as { level: string; service: string })).toContainEqual(
        expect.objectContaining({ level: 'info', service: name }),
      );
      const ended = once(child, 'exit');
      child.kill('SIGTERM');
      const [code] = (await ended) as [number | null];
      expect({ code, output: code === 0 ? '' : output }).toEqual({ code: 0, output: '' });
    },
    90_000,
  );

  async function untilStatus(url: string, status: number): Promise<void> {
    const deadline = performance.now() + 45_000;
    let last = 'no answer';
    while (performance.now() < deadline) {
      if (child?.exitCode !== null) throw new Error(`ended with ${child?.exitCode}:\n${output}`);
      const response = await fetch(url).catch(() => undefined);
      if (response?.status === status) return;
      if (response) last = `${response.status} ${await response.text()}`;
      await delay(100);
    }
    throw new Error(`${url}: wanted ${status}, last: ${last}\n${output.slice(-3_000)}`);
  }
});
