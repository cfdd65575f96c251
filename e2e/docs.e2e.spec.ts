import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join, resolve } from 'node:path';
import { documentedCommands, runElsewhere } from './documented-commands.js';

const root = resolve(import.meta.dirname, '..');
/** Pages name the default ports; a stack beside another one has others. */
const defaultPorts: Readonly<Record<string, string>> = {
  '3000': 'DASHBOARD_URL',
  '3001': 'USER_SERVICE_URL',
  '3002': 'WEATHER_INGEST_URL',
  '3003': 'SENSOR_SIM_URL',
  '3004': 'STREAM_ADMIN_URL',
  '8081': 'SCHEMA_REGISTRY_URL',
  '8083': 'CONNECT_URL',
  '8088': 'KSQLDB_URL',
};
/** As the page on changes has it. */
const examplePlan = 'p-1a2b3c4d5e6f';
const commandLimitMs = 120_000;
/** A start with the optional part, on a machine that has other things to do. */
const startLimitMs = 220_000;
const isNative = (process.env['E2E_RUNTIME'] ?? 'native') === 'native';
const commands = documentedCommands(root).filter(
  ({ command }) => !runElsewhere.some(({ pattern }) => pattern.test(command)),
);

/** The optional part is fetched from elsewhere: where that cannot be done, its page goes untested, and the suite says why. */
const registryPage = join('docs', 'how-to', 'use-a-schema-registry.md');
const fetched = isNative
  ? spawnSync(process.execPath, ['apps/isobar/bin/isobar.mjs', 'setup', '--with', 'registry'], {
      cwd: root,
      encoding: 'utf8',
    })
  : undefined;
const hasRegistry = fetched?.status === 0;
const runnable = commands.filter(({ page }) => hasRegistry || page !== registryPage);

(isNative ? describe : describe.skip)('the commands of README and how-to pages, as they stand there', () => {
  const home = mkdtempSync(join(tmpdir(), 'isobar-docs-'));
  /** The pages add and remove cities; the list of the checkout stays as it is. */
  const citiesFile = join(root, 'config', 'cities.json');
  const citiesBefore = readFileSync(citiesFile, 'utf8');
  const addedFile = join(home, 'data', 'cities.json');
  let addresses: Record<string, string> = {};

  beforeAll(async () => {
    chmodSync(home, 0o755);
    const up = await shell(`npx isobar up --detach --offline${hasRegistry ? ' --with registry' : ''}`, startLimitMs);
    if (up.code !== 0) throw new Error(up.output);
    const status = await shell('npx isobar status -o json');
    addresses = (JSON.parse(status.output) as { addresses: Record<string, string> }).addresses;
  }, 240_000);
  afterAll(() => rmSync(home, { recursive: true, force: true }));

  if (!hasRegistry) it.skip(`${registryPage}: ${fetched?.stderr ?? ''}`, () => undefined);

  it.each(runnable)(
    '$page: $command',
    async ({ command }) => {
      const plan = command.includes(examplePlan) ? await currentPlan() : examplePlan;
      const here = command
        .replace(examplePlan, plan)
        .replaceAll(/(?:localhost|127\.0\.0\.1):(\d{4})/g, (all, port: string) => {
          const url = addresses[defaultPorts[port] ?? ''];
          return url === undefined ? all : new URL(url).host;
        });
      const result = await shell(here);
      expect({ code: result.code, output: result.code === 0 ? '' : result.output }).toEqual({ code: 0, output: '' });
      // curl without -f is content with any answer; the reader is not.
      if (here.includes('curl'))
        expect(result.output).not.toMatch(/"error_code"|"status":\s*[45]\d\d|"@type":\s*"\w*error/);
    },
    commandLimitMs + 20_000,
  );

  it('stops and erases as written', async () => {
    expect(existsSync(addedFile)).toBe(true);
    const down = await shell('npx isobar down');
    expect(down).toMatchObject({ code: 0 });
    const reset = await shell('npx isobar reset --yes');
    expect(reset).toMatchObject({ code: 0 });
    expect([existsSync(addedFile), readFileSync(citiesFile, 'utf8')]).toEqual([false, citiesBefore]);
  }, 240_000);

  /** What the files would do now; a reader has the plan that he has just made. */
  async function currentPlan(): Promise<string> {
    const answer = await fetch(new URL('/plans', addresses['STREAM_ADMIN_URL']), { method: 'POST' });
    return ((await answer.json()) as { id: string }).id;
  }

  async function shell(command: string, limitMs = commandLimitMs): Promise<{ code: number | null; output: string }> {
    const child = spawn('bash', ['-c', command], {
      cwd: root,
      env: {
        ...process.env,
        NODE_OPTIONS: '',
        ISOBAR_HOME: home,
        PATH: `${join(root, 'node_modules', '.bin')}${delimiter}${process.env['PATH'] ?? ''}`,
      },
      stdio: ['ignore', 'pipe', 'pipe'],
      // A group of its own: what does not end in time ends with all that it started, and takes nothing from the commands behind it.
      detached: true,
    });
    let output = '';
    for (const stream of [child.stdout, child.stderr])
      stream.on('data', (chunk: Buffer) => (output += chunk.toString()));
    const limit = setTimeout(() => {
      output += `\nnot ended after ${limitMs / 1_000} s`;
      process.kill(-(child.pid as number), 'SIGKILL');
    }, limitMs);
    const [code] = (await once(child, 'close')) as [number | null];
    clearTimeout(limit);
    return { code, output };
  }
});
