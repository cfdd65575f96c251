import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { eventually, processesOf, randomFreePorts } from '@isobar/local-stack/testing';
import { defaultPorts, type StackState } from '@isobar/local-stack';
import { spawnSync } from 'node:child_process';
import { chmodSync, chownSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { Foreground } from './foreground.js';
import { getJson, sendJson } from './probes.js';

const startCommand = [process.execPath, 'tools/start.mjs'];
const cli = 'apps/isobar/bin/isobar.mjs';
const readyTimeoutMs = 120_000;
const stopLimitMs = 15_000;
const isRoot = process.getuid?.() === 0;
const isLinux = process.platform === 'linux';

/** Ten: `CYCLES=10 node tools/jest.mjs --selectProjects integration --testPathPatterns native.stack`. */
const cycles = Number(process.env['CYCLES'] ?? 3);

/** The whole native runtime, every part of it, as `npm start` runs it. */
describe('npm start', () => {
  let home: string;
  let ports: string[];
  let running: Foreground | undefined;

  beforeAll(async () => {
    const built = spawnSync(process.execPath, ['tools/build.mjs'], { encoding: 'utf8' });
    if (built.status !== 0) throw new Error(built.stderr);
    home = newHome();
    ports = await freePorts();
  }, 120_000);
  afterEach(() => running?.end(), 60_000);
  afterAll(() => rmSync(home, { recursive: true, force: true }));

  /** Starts in the foreground and waits until a record came out of the other end. */
  async function start(
    command: readonly string[] = [...startCommand, '--offline'],
    environment: Readonly<Record<string, string>> = {},
  ): Promise<Foreground> {
    running = new Foreground([...command, ...ports], { ISOBAR_HOME: home, ...environment });
    await running.says('isobar down stops', readyTimeoutMs);
    expect(running.output).toMatch(
      /Ready in .+ s\. A test reading went sensor → Kafka → ksqlDB → dashboard in [\d.]+ s\./,
    );
    return running;
  }

  async function stop(stack: Foreground): Promise<void> {
    const { code, ms } = await stack.interrupt();
    expect({ code, left: processesOf(home) }).toEqual({ code: 130, left: [] });
    expect(ms).toBeLessThan(stopLimitMs);
  }

  const state = (): StackState => JSON.parse(readFileSync(join(home, 'run', 'state.json'), 'utf8')) as StackState;
  const address = (name: string): string => state().addresses[name] ?? '';

  it('starts from nothing; PostgreSQL runs as an unprivileged user even if root starts it', async () => {
    const stack = await start();
    expect(stack.output).toContain('0 kept');
    const { parts } = state();
    expect(Object.values(parts).filter(({ process: running }) => running !== undefined)).toHaveLength(9);
    if (isLinux) {
      const owner = userOf(parts['postgres']?.process?.pid);
      expect(owner).not.toBe(0);
      if (!isRoot) expect(owner).toBe(process.getuid?.());
    }
    await sendJson('POST', `${address('USER_SERVICE_URL')}/users`, {
      username: 'kept',
      fullName: 'Kept Between Runs',
      cityKey: 'miami-fl',
    });
    await stop(stack);
  }, 180_000);

  it('installs nothing the second time, needs no network, and labels the weather that it cannot ask for', async () => {
    const before = installedAt();
    const tools = mkdtempSync(join(tmpdir(), 'isobar-tools-'));
    const calls = join(tools, 'calls');
    for (const name of ['npm', 'mvn', 'python3', 'pip', 'pip3', 'curl', 'wget']) {
      writeFileSync(join(tools, name), `#!/bin/sh\necho "${name} $*" >> "${calls}"\nexit 1\n`);
      chmodSync(join(tools, name), 0o755);
    }
    writeFileSync(calls, '');
    const nowhere = 'http://127.0.0.1:9';
    const stack = await start([...withoutNetwork(), ...startCommand], {
      PATH: `${tools}${delimiter}${process.env['PATH'] ?? ''}`,
      NWS_BASE_URL: isRoot && isLinux ? 'https://api.weather.gov' : nowhere,
      npm_config_registry: nowhere,
      HTTPS_PROXY: nowhere,
    });
    expect(stack.output).toMatch(/Degraded: .*sample/);
    expect(stack.output).not.toMatch(/installing|fetch(ed|ing) \d/);
    await stop(stack);
    expect(readFileSync(calls, 'utf8')).toBe('');
    expect(installedAt()).toEqual(before);
    rmSync(tools, { recursive: true, force: true });
  }, 180_000);

  it(`starts and stops with Ctrl-C ${cycles} times in a row, in 15 s at most, leaves no process and keeps the data`, async () => {
    for (let cycle = 1; cycle <= cycles; cycle++) {
      const stack = await start();
      expect(stack.output).toContain('0 created');
      const { items } = await getJson<{ items: { username: string }[] }>(
        `${address('USER_SERVICE_URL')}/users?limit=1000`,
      );
      expect(items.map(({ username }) => username)).toContain('kept');
      await stop(stack);
    }
  }, 900_000);

  it('restarts a broker that hangs, and none of the parts that wait for it', async () => {
    const stack = await start();
    const kafka = state().parts['kafka']?.process?.pid;
    if (kafka === undefined) throw new Error('Kafka does not run');
    process.kill(kafka, 'SIGSTOP');
    // Each notices at its own next use of the broker; weather-ingest may have none for a minute.
    const seenUnready = new Set<string>();
    await eventually('the broker is started again', 300_000, async () => {
      const { parts } = state();
      for (const [name, part] of Object.entries(parts)) if (part.state === 'unready') seenUnready.add(name);
      expect(parts['kafka']).toMatchObject({ restarts: 1, state: 'ready' });
    });
    expect([...seenUnready]).toEqual(expect.arrayContaining(['kafka', 'sensor-sim', 'dashboard']));
    // Some 30 s, and more on a crowded machine.
    expect(state().parts['kafka']?.restartedBecause).toMatch(/ran without an answer for [\d.]+ s/);
    await eventually('everything is ready again', 90_000, async () => {
      const others = Object.entries(state().parts).filter(([, part]) => !['ready', 'done'].includes(part.state));
      expect(others.map(([name, part]) => `${name} is ${part.state}: ${part.detail}`)).toEqual([]);
    });
    const restarts = Object.entries(state().parts).filter(([, part]) => part.restarts > 0);
    expect(restarts.map(([name]) => name)).toEqual(['kafka']);
    await stop(stack);
  }, 360_000);

  // Where the suite runs as a normal user, all of the above has shown it.
  (isRoot && isLinux ? it : it.skip)(
    'works as a normal user',
    async () => {
      const user = 65_534;
      const setpriv = ['setpriv', `--reuid=${user}`, `--regid=${user}`, '--clear-groups', '--'];
      if (!canRead(setpriv)) {
        process.stderr.write('SKIPPED npm start as a normal user: this checkout is not open to other users\n');
        return;
      }
      const rootsHome = home;
      home = newHome();
      chownSync(home, user, user);
      try {
        const stack = await start([...setpriv, process.execPath, cli, 'up', '--offline'], { HOME: home });
        const owners = Object.values(state().parts).flatMap(({ process: part }) =>
          part === undefined ? [] : [userOf(part.pid)],
        );
        expect(owners).toEqual(Array.from({ length: 9 }, () => user));
        await stop(stack);
      } finally {
        rmSync(home, { recursive: true, force: true });
        home = rootsHome;
      }
    },
    180_000,
  );
});

function newHome(): string {
  const folder = mkdtempSync(join(tmpdir(), 'isobar-start-'));
  chmodSync(folder, 0o755); // PostgreSQL may run as another user
  return folder;
}

async function freePorts(): Promise<string[]> {
  const names = Object.keys(defaultPorts);
  const free = await randomFreePorts(names.length);
  return names.flatMap((name, index) => ['--port', `${name}=${free[index]}`]);
}

/** When npm packages, JVM parts and Java were put in place. */
const installedAt = () =>
  ['node_modules/.package-lock.json', '.isobar/jvm/libs', '.isobar/jvm/.verified', '.isobar/java'].map(
    (path) => statSync(path, { throwIfNoEntry: false })?.mtimeMs,
  );

/** A network of its own that holds nothing but loopback, where the system grants one; dead proxies must do elsewhere. */
function withoutNetwork(): string[] {
  const prefix = ['unshare', '--net', '--', 'sh', '-c', 'ip link set lo up && exec "$@"', 'sh'];
  const [file = '', ...args] = prefix;
  if (spawnSync(file, [...args, 'true']).status === 0) return prefix;
  process.stderr.write('the second start was not cut off from the network; only its registries and proxies are dead\n');
  return [];
}

const canRead = ([file = '', ...args]: readonly string[]): boolean =>
  spawnSync(file, [...args, process.execPath, cli, '--version']).status === 0;

/** The user that a process runs as (Linux). */
function userOf(pid: number | undefined): number {
  return Number(/^Uid:\s+\d+\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]);
}
