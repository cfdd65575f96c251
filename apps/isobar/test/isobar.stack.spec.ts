import { afterAll, afterEach, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:net';
import { join } from 'node:path';
import pg from 'pg';
import { observeStack, stackHome, StackSession, type PartState, type StackState } from '@isobar/local-stack';
import { eventually, processesOf, stretchedMs, until } from '@isobar/local-stack/testing';
import { type Finished, freePortOptions, isobar, IsobarProcess, newHome } from './isobar-process.js';

jest.setTimeout(180_000);

const only = ['--only', 'postgres,kafka,topics'];
let home = '';
let ports: string[] = [];

/** As the command prints it. */
const printedStatus = async (): Promise<StackState> =>
  JSON.parse((await isobar(home, ['status', '-o', 'json'])).stdout) as StackState;
/** The same by the library: a process for each look would be most of what the machine does here. */
function status(): StackState {
  const seen = observeStack(stackHome(home));
  if (seen.kind === 'none') throw new Error('nothing runs');
  return seen.state;
}
function pidOf(part: string): number {
  const state = status();
  const pid = state.parts[part]?.process?.pid;
  if (pid === undefined) throw new Error(`${part} does not run: ${JSON.stringify(state)}`);
  return pid;
}
/** The state of a part that is expected to be there all the time. */
function stateOf(part: string): PartState {
  const state = status();
  const found = state.parts[part];
  if (found === undefined) throw new Error(`there is no ${part}: ${JSON.stringify(state)}`);
  return found;
}
const escapeCode = '\u001b';

beforeAll(() => {
  const built = spawnSync(process.execPath, ['tools/build.mjs'], { encoding: 'utf8' });
  if (built.status !== 0) throw new Error(built.stderr);
});

/** The quickest of five starts and ends of Node itself, in milliseconds. */
function emptyProgramMs(): number {
  const times = Array.from({ length: 5 }, () => {
    const startedAt = performance.now();
    spawnSync(process.execPath, ['-e', '']);
    return performance.now() - startedAt;
  });
  return Math.min(...times);
}

describe('isobar', () => {
  beforeAll(async () => {
    home = newHome();
    ports = await freePortOptions('postgres', 'kafka', 'kafka-controller');
  });
  afterEach(async () => {
    await isobar(home, ['down']);
    expect(processesOf(home)).toEqual([]);
  });
  afterAll(() => rmSync(home, { recursive: true, force: true }));

  async function startDetached(): Promise<Finished> {
    const up = await isobar(home, ['up', '--detach', ...only, ...ports]);
    expect({ code: up.code, said: up.code === 0 ? '' : up.stdout + up.stderr }).toEqual({ code: 0, said: '' });
    return up;
  }

  it('starts in the background, says where everything is, and stops with data kept', async () => {
    const up = await startDetached();
    expect(up.stdout).toContain('Ready in');
    expect(up.stdout).toContain(`${home}/data, kept between runs`);

    const env = (await isobar(home, ['status', '-o', 'env'])).stdout.trim();
    const sourced = spawnSync('sh', ['-c', `${env}; echo "$DATABASE_URL"`], { encoding: 'utf8' }).stdout.trim();
    const client = new pg.Client(sourced);
    await client.connect();
    await client.query('CREATE TABLE kept (id int); INSERT INTO kept VALUES (7)');
    await client.end();

    const down = await isobar(home, ['down']);
    expect(down).toMatchObject({ code: 0 });
    expect(down.ms).toBeLessThan(15_000);
    expect(processesOf(home)).toEqual([]);
    expect((await isobar(home, ['status'])).code).toBe(69);

    await startDetached();
    const again = new pg.Client(sourced);
    await again.connect();
    expect((await again.query('SELECT id FROM kept')).rows).toEqual([{ id: 7 }]);
    await again.end();
  });

  it('attaches when it already runs, and refuses to erase', async () => {
    await startDetached();
    const supervisor = status().supervisor.pid;
    const second = await isobar(home, ['up', ...only, ...ports]);
    expect(second).toMatchObject({ code: 0 });
    expect(second.stdout).toMatch(new RegExp(`Already running since .*, process ${supervisor}: ready`));
    const third = await isobar(home, ['up', '--detach', ...only, ...ports]);
    expect(third).toMatchObject({ code: 0 });
    expect(third.stdout).toContain('Already running since');
    expect(second.stdout + second.stderr + third.stdout + third.stderr).not.toContain('Ready in');
    expect(status().supervisor.pid).toBe(supervisor);
    const reset = await isobar(home, ['reset', '--yes']);
    expect(reset).toMatchObject({ code: 1 });
    expect(reset.stderr).toContain('isobar down');
  });

  it('answers status within 400 ms', async () => {
    await startDetached();
    const times = [];
    for (let i = 0; i < 5; i++) times.push((await isobar(home, ['status'])).ms);
    // On a machine so busy that an empty program takes a fifth of it, the start of Node is what would be measured.
    expect(Math.min(...times)).toBeLessThan(Math.max(stretchedMs(400), 5 * emptyProgramMs()));
  });

  it('says within seconds that it is not ready and why, and that it is ready again', async () => {
    await startDetached();
    expect(await isobar(home, ['status'])).toMatchObject({ code: 0, stdout: expect.stringMatching(/^ready\n/) });
    const pid = pidOf('kafka');
    process.kill(pid, 'SIGSTOP');
    const stoppedAtMs = Date.now();
    await until('it to be seen', 60_000, () => status().state === 'not ready');
    // A look at rest comes after five seconds and takes as long as the broker may take to answer.
    expect(Date.now() - stoppedAtMs).toBeLessThan(stretchedMs(20_000));
    const seen = await isobar(home, ['status']);
    expect(seen).toMatchObject({ code: 1, stdout: expect.stringMatching(/^not ready: kafka is not ready: .+\n/) });
    process.kill(pid, 'SIGCONT');
    await until('it to be well', 60_000, () => status().state === 'ready');
    expect(status()).toMatchObject({ because: [], parts: { kafka: { restarts: 0 } } });
  });

  it('is doubted when its supervisor says nothing', async () => {
    await startDetached();
    const { supervisor } = status();
    process.kill(supervisor.pid, 'SIGSTOP');
    await until('it to be doubted', 60_000, () => status().state === 'not ready');
    expect(status().because[0]).toMatch(/^the supervisor \(process \d+\) has said nothing for \d+ s/);
    process.kill(supervisor.pid, 'SIGCONT');
    await until('it to be believed', 60_000, () => status().state === 'ready');
  });

  it('restarts a part that is killed, and shows that', async () => {
    await startDetached();
    const before = pidOf('postgres');
    process.kill(before, 'SIGKILL');
    await until('a restart', 60_000, () => stateOf('postgres').restarts === 1);
    await until('postgres to be ready again', 60_000, () => stateOf('postgres').state === 'ready');
    expect(pidOf('postgres')).not.toBe(before);
    expect((await isobar(home, ['status'])).stdout).toContain('restarts: 1 (was ended by SIGKILL)');
  });

  it('restarts parts that run but do not answer any more, and shows why', async () => {
    await startDetached();
    const before = { postgres: pidOf('postgres'), kafka: pidOf('kafka') };
    for (const pid of Object.values(before)) process.kill(pid, 'SIGSTOP');
    await Promise.all(
      (['postgres', 'kafka'] as const).map(async (part) => {
        await until(`${part} to be shown unready`, 60_000, () => stateOf(part).state === 'unready');
        await until(`${part} to be restarted`, 90_000, () => stateOf(part).restarts === 1);
        await until(`${part} to be ready again`, 90_000, () => stateOf(part).state === 'ready');
        expect(pidOf(part)).not.toBe(before[part]);
        expect(stateOf(part).restartedBecause).toMatch(/^ran without an answer for 30 s \(.+\) and was ended$/);
      }),
    );
    const { stdout } = await isobar(home, ['status']);
    expect(stdout.match(/restarts: 1 \(ran without an answer for 30 s/g)).toHaveLength(2);
  });

  it('tells a start that has only begun from the run before', async () => {
    await startDetached();
    await isobar(home, ['down']);
    // It holds the lock and has written nothing yet.
    const session = StackSession.open({ home: stackHome(home), observe: () => undefined });
    if (!(session instanceof StackSession)) throw new Error('the stack still runs');
    expect(await printedStatus()).toMatchObject({ state: 'starting', supervisor: { pid: process.pid }, parts: {} });
    await session.kill();
    expect(await printedStatus()).toEqual({ v: 1, state: 'stopped' });
  });

  it('cleans up after a supervisor that was killed, and starts', async () => {
    await startDetached();
    const { supervisor } = status();
    const orphan = pidOf('kafka');
    process.kill(supervisor.pid, 'SIGKILL');
    await until('the supervisor to be gone', 60_000, async () => (await isobar(home, ['status'])).code === 69);
    const seen = await isobar(home, ['status']);
    const [first] = seen.stdout.split('\n');
    expect(first).toMatch(`not ready: the supervisor (process ${supervisor.pid}) ended without a word`);
    expect(seen.stdout).toMatch(new RegExp(`still running, and restarted by nobody: .*kafka \\(process ${orphan}\\)`));
    expect(status()).toMatchObject({ state: 'not ready' });
    expect(processesOf(home)).toContainEqual(expect.stringMatching(new RegExp(`^${orphan} `)));
    expect((await isobar(home, ['reset', '--yes'])).code).toBe(1);
    const up = await startDetached();
    expect(up.stdout + up.stderr).toContain('Ready in');
    expect(pidOf('kafka')).not.toBe(orphan);
  });

  it('writes JSON lines of one schema on request, and plain lines without escape codes otherwise', async () => {
    const up = new IsobarProcess(home, ['up', '--output', 'ndjson', ...only, ...ports]);
    await up.says('"state":"ready"');
    await until('ready', 60_000, () => up.stdout.includes('"type":"system","state":"ready"'));
    up.child.kill('SIGINT');
    const { stdout, code } = await up.finished;
    expect(code).toBe(130);
    for (const line of stdout.trim().split('\n')) {
      expect(JSON.parse(line)).toMatchObject({ v: 1, ts: expect.any(String), type: expect.any(String) });
    }
    const plain = new IsobarProcess(home, ['up', ...only, ...ports]);
    await plain.says('Ready in');
    plain.child.kill('SIGINT');
    const finished = await plain.finished;
    expect(finished.stdout + finished.stderr).not.toContain(escapeCode);
    expect(finished.stdout.trimEnd().split('\n').at(-1)).toMatch(
      /^stopped in \d+\.\d s; nothing runs any more\. Data is kept in .*: npx isobar up .*goes on with it/,
    );
    expect(finished.stderr).toMatch(/^\d\d:\d\d:\d\d kafka ready /m);
  });

  it('stops within 15 s although a part hangs', async () => {
    const up = new IsobarProcess(home, ['up', ...only, ...ports]);
    await up.says('Ready in');
    process.kill(pidOf('kafka'), 'SIGSTOP');
    const startedAtMs = Date.now();
    up.child.kill('SIGINT');
    expect((await up.finished).code).toBe(130);
    expect(Date.now() - startedAtMs).toBeLessThan(15_000);
    expect(processesOf(home)).toEqual([]);
  });

  it('ends everything at once on a second Ctrl-C', async () => {
    const up = new IsobarProcess(home, ['up', ...only, ...ports]);
    await up.says('Ready in');
    process.kill(pidOf('kafka'), 'SIGSTOP');
    up.child.kill('SIGINT');
    await new Promise((resolve) => setTimeout(resolve, 800));
    const secondAtMs = Date.now();
    up.child.kill('SIGINT');
    expect((await up.finished).code).toBe(130);
    expect(Date.now() - secondAtMs).toBeLessThan(2000);
    expect(processesOf(home)).toEqual([]);
  });

  it('starts and stops ten times in a row and leaves nothing', async () => {
    for (let cycle = 1; cycle <= 10; cycle++) {
      const up = new IsobarProcess(home, ['up', ...only, ...ports]);
      await up.says('Ready in');
      const stoppedAtMs = Date.now();
      up.child.kill('SIGINT');
      expect((await up.finished).code).toBe(130);
      expect(Date.now() - stoppedAtMs).toBeLessThan(15_000);
      expect(processesOf(home)).toEqual([]);
    }
  });

  it('erases data, logs and passwords when stopped', async () => {
    await startDetached();
    await isobar(home, ['down']);
    expect(await isobar(home, ['reset'])).toMatchObject({ code: 4 });
    const done = await isobar(home, ['reset', '--yes']);
    expect(done).toMatchObject({ code: 0, stdout: expect.stringMatching(/erased .*\(\d+ MB\)\nkept .*cache/) });
    expect(readdirSync(home)).toEqual([]);
  });

  it('erases nothing in a folder that is not its own', async () => {
    const foreign = newHome();
    mkdirSync(join(foreign, 'config'));
    writeFileSync(join(foreign, 'config', 'theirs'), '');
    const refused = await isobar(foreign, ['reset', '--yes']);
    expect(refused.code).toBe(1);
    expect(refused.stderr).toContain(
      `${foreign} is not marked as a home that a stack made for itself; nothing was erased`,
    );
    expect(readdirSync(join(foreign, 'config'))).toEqual(['theirs']);
    rmSync(foreign, { recursive: true });
  });
});

describe('isobar up, when something is wrong', () => {
  let server: Server | undefined;
  beforeAll(() => {
    home = newHome();
  });
  afterEach(async () => {
    server?.close();
    // What a preparation had started ends with it, a moment later.
    await eventually('no process to be left', 20_000, () => expect(processesOf(home)).toEqual([]));
  });
  afterAll(() => rmSync(home, { recursive: true, force: true }));

  /** Cause, fix, log and exit code 1 within five seconds. */
  async function failsWith(args: string[], environment: Record<string, string>, cause: string | RegExp): Promise<void> {
    const { code, stderr, ms } = await isobar(home, ['up', ...only, ...args], environment);
    expect(stderr).toMatch(cause);
    expect(stderr).toMatch(/Fix {4}\S/);
    expect(stderr).toMatch(/Log {4}\S/);
    expect(code).toBe(1);
    expect(ms).toBeLessThan(5000);
  }

  async function takePort(): Promise<number> {
    server = createServer();
    await new Promise<void>((resolve) => server?.listen(0, '127.0.0.1', resolve));
    const address = server.address();
    if (address === null || typeof address === 'string') throw new Error('no port');
    return address.port;
  }

  it('names the holder of a port that was asked for', async () => {
    const port = await takePort();
    await failsWith(
      ['--port', `kafka=${port}`],
      {},
      new RegExp(`port ${port} for kafka is taken by process ${process.pid} \\(node`),
    );
  });

  it('says when memory is low', () => failsWith([], { ISOBAR_MEMORY_NEEDED_MB: '99999999' }, /MB of memory are free/));

  it('names the ways to get a Java when there is none', async () => {
    const bin = join(home, 'bin');
    mkdirSync(bin);
    symlinkSync(process.execPath, join(bin, 'node'));
    const isFetched = existsSync('.isobar/java');
    if (isFetched) return;
    await failsWith([], { PATH: bin, JAVA_HOME: '' }, /No Java 17 or newer was found[\s\S]*JAVA_HOME/);
  });

  it('has a doctor who names what is missing and the ways to get it', async () => {
    const bin = join(home, 'doctor-bin');
    mkdirSync(bin);
    symlinkSync(process.execPath, join(bin, 'node'));
    const port = await takePort();
    const environment = { PATH: bin, JAVA_HOME: '', NWS_BASE_URL: `http://127.0.0.1:${port + 1}` };
    const { stdout } = await isobar(home, ['doctor', '-o', 'json'], environment);
    const findings = JSON.parse(stdout) as { check: string; verdict: string; text: string; fix?: string }[];
    const of = (check: string) => findings.find((finding) => finding.check === check);
    for (const check of ['node', 'memory', 'disk', 'jvm parts', 'ports']) expect(of(check)).toBeDefined();
    if (!existsSync('.isobar/java'))
      expect(of('java')).toMatchObject({
        verdict: 'warning',
        text: expect.stringContaining('no Java 17 or newer'),
        fix: expect.stringMatching(/apt install .*brew install .*JAVA_HOME.*fetch one with python3/),
      });
    expect(of('weather')).toMatchObject({ verdict: 'warning', text: expect.stringContaining('labelled sample') });
    const low = await isobar(home, ['doctor'], { ISOBAR_MEMORY_NEEDED_MB: '99999999' });
    expect(low).toMatchObject({ code: 1 });
    expect(low.stdout).toMatch(/memory +\d+ MB free, about 99999999 MB needed\n +Fix: close other programs/);
  });

  it('shows the end of the log of a part that cannot start', async () => {
    const free = await freePortOptions('postgres', 'kafka', 'kafka-controller');
    // A cluster id that the metadata does not have is what a damaged data folder looks like to Kafka.
    mkdirSync(join(home, 'data', 'kafka'), { recursive: true });
    (await import('node:fs')).writeFileSync(join(home, 'data', 'kafka', 'meta.properties'), 'version=7\n');
    const up = new IsobarProcess(home, ['up', ...only, ...free]);
    await up.says('kafka failed');
    const failedAtMs = Date.now();
    await up.says('Not started: topics');
    expect(Date.now() - failedAtMs).toBeLessThan(5000);
    const { code, stderr } = await up.finished;
    expect(code).toBe(1);
    expect(stderr).toMatch(/■ kafka {2}failed {2}ended with code \d/);
    expect(stderr).toMatch(/Fix {4}\S/);
    expect(stderr).toContain(join(home, 'logs', 'kafka.log'));
    expect(stderr).toContain('Not started: topics');
  });

  it('refuses unknown names with those that exist', async () => {
    const { code, stderr } = await isobar(home, ['up', '--port', 'kafak=1']);
    expect(code).toBe(64);
    expect(stderr).toContain('use one of postgres, kafka');
    expect((await isobar(home, ['upp'])).code).toBe(64);
  });

  it('takes the next free port when a default one is taken, and says who holds it', async () => {
    const fallback = new IsobarProcess(home, ['up', '--only', 'postgres']);
    await fallback.says('Ready in');
    const other = newHome();
    const second = new IsobarProcess(other, ['up', '--only', 'postgres']);
    await second.says('Ready in');
    expect(second.stderr).toMatch(/port 5432 is taken by process \d+ \(.+\); postgres uses 54\d\d/);
    second.child.kill('SIGTERM');
    expect((await second.finished).code).toBe(0);
    fallback.child.kill('SIGTERM');
    await fallback.finished;
    expect(readdirSync(join(other, 'logs'))).toContain('postgres.log');
    rmSync(other, { recursive: true, force: true });
  });
});
