import { afterEach, describe, expect, it } from '@jest/globals';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { isRunning } from '../process/process-identity.js';
import { answersHttp, type Job, type Part } from '../part.js';
import { brokerTimeoutMs } from '../parts/kafka.js';
import { randomFreePorts } from '../ports.js';
import { fakePart, programs, temporaryHome } from '../testing/fake-part.js';
import type { StackEvent, StepEvent } from './events.js';
import { Stack } from './stack.js';
import { StepFailure } from './step-failure.js';
import { defaultSupervisionTimes, type SupervisionTimes } from './supervised-part.js';

const times = {
  ...defaultSupervisionTimes,
  startCheckMs: 10,
  troubleCheckMs: 20,
  aliveCheckMs: 50,
  hungAfterMs: 400,
  firstBackOffMs: 50,
};
let running: Stack | undefined;

function stackOf(parts: readonly Part[], jobs: readonly Job[] = [], change: Partial<SupervisionTimes> = {}) {
  const events: StepEvent[] = [];
  const home = temporaryHome();
  const observe = (event: StackEvent): void => void (event.type === 'step' && events.push(event));
  const stack = new Stack({ parts, jobs }, { home, observe, times: { ...times, ...change } });
  running = stack;
  return { stack, events, home, shown: (id: string) => events.filter((event) => event.id === id) };
}

const until = async (isSo: () => boolean): Promise<void> => {
  for (let attempt = 0; !isSo(); attempt++) {
    if (attempt > 500) throw new Error('it did not happen within 5 s');
    await sleep(10);
  }
};

describe('Stack', () => {
  afterEach(() => running?.killAll());

  it('starts steps after what they wait for, and says whom they wait for and how that stands', async () => {
    const order: string[] = [];
    const jobOf = (name: string, startsAfter: string[]): Job => ({
      name,
      startsAfter,
      run: async () => {
        order.push(name);
        await sleep(150);
        return 'finished';
      },
    });
    const { stack, shown } = stackOf(
      [],
      [jobOf('last', ['middle', 'absent']), jobOf('middle', ['first']), jobOf('first', [])],
    );
    await stack.start();
    expect(order).toEqual(['first', 'middle', 'last']);
    expect(shown('last')[0]).toMatchObject({ state: 'waiting', waitingOn: ['middle:waiting'] });
    expect(shown('last').some(({ waitingOn }) => waitingOn[0] === 'middle:starting')).toBe(true);
    expect(shown('last').at(-1)).toMatchObject({ state: 'done', detail: 'finished', waitingOn: [] });
  });

  it('starts independent parts side by side and stops the higher rank first', async () => {
    const { stack, events } = stackOf([
      fakePart('server', programs.runs, { stopRank: 10 }),
      fakePart('app', programs.runs, { stopRank: 50 }),
    ]);
    await stack.start();
    const identities = Object.values(stack.states()).map(({ process }) => process);
    expect(identities.every((identity) => identity !== undefined && isRunning(identity))).toBe(true);
    await stack.stop();
    expect(identities.some((identity) => identity !== undefined && isRunning(identity))).toBe(false);
    const stops = events.filter(({ state }) => state === 'stopping' || state === 'stopped');
    expect(stops.map(({ id, state }) => `${id} ${state}`)).toEqual([
      'app stopping',
      'app stopped',
      'server stopping',
      'server stopped',
    ]);
  });

  it('fails with cause, fix and the end of the log when a part ends before it is ready', async () => {
    const { stack } = stackOf(
      [
        fakePart('broken', programs.fails, { check: async () => ({ ready: false, sees: 'nothing' }) }),
        fakePart('after', programs.runs, { startsAfter: ['broken'] }),
      ],
      [],
    );
    const failure = await stack.start().catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(StepFailure);
    const shown = stack.failureOf(failure as StepFailure);
    expect(shown).toMatchObject({ step: 'broken', what: 'ended with code 3', notStarted: ['after'] });
    expect(shown.why).toContain('the disk is full');
    expect(shown.fix).toContain('free some space');
    expect(shown.lastLogLines).toContain('Error: the disk says No space left on device');
    expect(existsSync(shown.logFile ?? '')).toBe(true);
  });

  it('fails when the program cannot be started at all', async () => {
    const { stack } = stackOf([
      fakePart('absent', '', {
        launch: () => ({ file: '/no/such/program', args: [], env: {}, cwd: '/' }),
        check: async () => ({ ready: false, sees: 'nothing' }),
      }),
    ]);
    await expect(stack.start()).rejects.toThrow(/could not be started.*ENOENT/);
  });

  it('restarts a part that dies, with growing pauses, and shows it', async () => {
    const { stack, shown } = stackOf([fakePart('mortal', programs.runs)]);
    await stack.start();
    for (const round of [1, 2]) {
      const identity = stack.states()['mortal']?.process;
      if (identity === undefined) throw new Error('it does not run');
      process.kill(identity.pid, 'SIGKILL');
      await until(() => stack.states()['mortal']?.restarts === round && stack.states()['mortal']?.state === 'ready');
    }
    const restarts = shown('mortal').filter(({ state }) => state === 'restarting');
    expect(restarts.map(({ detail }) => detail)).toEqual([
      'was ended by SIGKILL; restart 1 in 0.05 s',
      'was ended by SIGKILL; restart 2 in 0.1 s',
    ]);
  });

  /** A real process behind a port, looked at as the services are. */
  async function answeringPart(name: string): Promise<Part> {
    const [port = 0] = await randomFreePorts(1);
    const url = `http://127.0.0.1:${port}/`;
    return fakePart(name, programs.answers(port), {
      check: async () =>
        (await answersHttp(url, 100)) ? { ready: true, sees: '' } : { ready: false, sees: 'silence' },
      isAlive: () => answersHttp(url, 100),
    });
  }

  it('ends and restarts a part that hangs, and says why', async () => {
    const { stack, shown } = stackOf([await answeringPart('hung')]);
    await stack.start();
    const identity = stack.states()['hung']?.process;
    if (identity === undefined) throw new Error('it does not run');
    process.kill(identity.pid, 'SIGSTOP');
    await until(() => stack.states()['hung']?.restarts === 1 && stack.states()['hung']?.state === 'ready');
    expect(isRunning(identity)).toBe(false);
    const because = 'ran without an answer for 0.4 s (silence) and was ended';
    expect(stack.states()['hung']).toMatchObject({ restartedBecause: because });
    expect(shown('hung').map(({ state }) => state)).toEqual(
      expect.arrayContaining(['ready', 'unready', 'restarting', 'starting', 'ready']),
    );
    expect(shown('hung').find(({ state }) => state === 'restarting')?.detail).toBe(`${because}; restart 1 in 0.05 s`);
  });

  it('shows that a part does not answer before it is known whether it hangs', async () => {
    let isReady = true;
    let answer = (): void => undefined;
    const { stack } = stackOf([
      fakePart('silent', programs.runs, {
        check: async () => ({ ready: isReady, sees: isReady ? 'fine' : 'silence' }),
        isAlive: () => new Promise<boolean>((resolve) => (answer = () => resolve(true))),
      }),
    ]);
    await stack.start();
    isReady = false;
    await until(() => stack.states()['silent']?.state === 'unready');
    expect(stack.states()['silent']).toMatchObject({ detail: 'silence', restarts: 0 });
    isReady = true;
    answer();
    await until(() => stack.states()['silent']?.state === 'ready');
  });

  it('says of a broker within ten seconds that it hangs, however crowded the machine is', () => {
    expect(defaultSupervisionTimes.restCheckMs + brokerTimeoutMs(100)).toBeLessThanOrEqual(10_000);
  });

  it('leaves a part alone that hangs for a shorter time', async () => {
    const { stack, shown } = stackOf([await answeringPart('drowsy')], [], { hungAfterMs: 60_000 });
    await stack.start();
    const pid = stack.states()['drowsy']?.process?.pid ?? NaN;
    process.kill(pid, 'SIGSTOP');
    await until(() => stack.states()['drowsy']?.state === 'unready');
    process.kill(pid, 'SIGCONT');
    await until(() => stack.states()['drowsy']?.state === 'ready');
    expect(shown('drowsy').at(-1)?.restarts).toBe(0);
  });

  it('never restarts a part that is not ready because a neighbour is away, and shows that it is ready again', async () => {
    let isReady = true;
    const check = async () => ({ ready: isReady, sees: isReady ? 'fine' : 'kafka: no broker answers' });
    const { stack, shown } = stackOf([fakePart('waiting', programs.runs, { check })], [], { hungAfterMs: 100 });
    await stack.start();
    isReady = false;
    await until(() => stack.states()['waiting']?.state === 'unready');
    await sleep(500);
    expect(stack.states()['waiting']).toMatchObject({
      state: 'unready',
      detail: 'kafka: no broker answers',
      restarts: 0,
    });
    isReady = true;
    await until(() => stack.states()['waiting']?.state === 'ready');
    expect(shown('waiting').map(({ state }) => state)).toContain('unready');
  });

  it('does not take a part for hung that never answered, however long it is on its way up', async () => {
    let isReady = false;
    const { stack, shown } = stackOf(
      [
        fakePart('slow', programs.runs, {
          check: async () => ({ ready: isReady, sees: 'not yet' }),
          isAlive: async () => false,
        }),
      ],
      [],
      { hungAfterMs: 50 },
    );
    const started = stack.start();
    await sleep(500);
    isReady = true;
    await started;
    expect(shown('slow').at(-1)).toMatchObject({ state: 'ready', restarts: 0 });
  });

  it('shows what a part promises and does not keep, and lets those start that wait for the part', async () => {
    let trouble: string | undefined = 'replication slot lost';
    const check = async () => ({ ready: true, sees: 'version 18', ...(trouble === undefined ? {} : { trouble }) });
    const { stack } = stackOf([
      fakePart('postgres', programs.runs, { check }),
      fakePart('after', programs.runs, { startsAfter: ['postgres'] }),
    ]);
    await stack.start();
    expect(stack.troubles()).toEqual(['postgres is not ready: replication slot lost']);
    trouble = undefined;
    await until(() => stack.states()['postgres']?.state === 'ready');
    expect(stack.troubles()).toEqual([]);
    trouble = 'lost again';
    await until(() => stack.states()['postgres']?.state === 'unready');
    expect(stack.states()['postgres']).toMatchObject({ detail: 'lost again', restarts: 0 });
  });

  /** Ends a part's process and waits until the next one is ready. */
  async function crash(stack: Stack, name: string): Promise<void> {
    const { restarts = 0, process: identity } = stack.states()[name] ?? {};
    if (identity === undefined) throw new Error('it does not run');
    process.kill(identity.pid, 'SIGKILL');
    await until(() => stack.states()[name]?.restarts === restarts + 1 && stack.states()[name]?.state === 'ready');
  }

  it('forgets the back-off of a part that has been ready for long, and of no other', async () => {
    const { stack, shown } = stackOf([fakePart('mortal', programs.runs)], [], { stableAfterMs: 1500 });
    await stack.start();
    await crash(stack, 'mortal');
    await crash(stack, 'mortal');
    await sleep(2000);
    await crash(stack, 'mortal');
    expect(shown('mortal').flatMap(({ detail }) => /in [\d.]+ s$/.exec(detail)?.[0] ?? [])).toEqual([
      'in 0.05 s',
      'in 0.1 s',
      'in 0.05 s',
    ]);
  });

  it('starts nothing on a full disk, says why, and goes on when there is room', async () => {
    const obstacle = 'no space left in /data (0 MB free)';
    let isFull = false;
    const home = temporaryHome();
    const stack = new Stack(
      { parts: [fakePart('kafka', programs.runs)], jobs: [] },
      { home, observe: () => undefined, times, obstacle: () => (isFull ? obstacle : undefined) },
    );
    running = stack;
    await stack.start();
    isFull = true;
    process.kill(stack.states()['kafka']?.process?.pid ?? NaN, 'SIGKILL');
    await until(() => stack.states()['kafka']?.detail === `waits: ${obstacle}`);
    await sleep(300);
    expect(stack.states()['kafka']).toMatchObject({
      state: 'restarting',
      restarts: 1,
      restartedBecause: `was ended by SIGKILL (${obstacle})`,
    });
    isFull = false;
    await until(() => stack.states()['kafka']?.state === 'ready');
    expect(stack.states()['kafka']?.restarts).toBe(1);
  });

  it('does not take a part for hung because the machine slept', async () => {
    const change = { hungAfterMs: 500, sleptAfterMs: 600 };
    const { stack, shown } = stackOf([await answeringPart('sleeper')], [], change);
    await stack.start();
    const pid = stack.states()['sleeper']?.process?.pid ?? NaN;
    // It falls asleep a moment before we do and wakes a moment after.
    process.kill(pid, 'SIGSTOP');
    await until(() => stack.states()['sleeper']?.state === 'unready');
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 1500);
    await sleep(250);
    process.kill(pid, 'SIGCONT');
    await until(() => stack.states()['sleeper']?.state === 'ready');
    expect(shown('sleeper').at(-1)?.restarts).toBe(0);
  });

  it('looks seldom at a part that has long been ready, and at once when another one gets into trouble', async () => {
    let looks = 0;
    const calm = fakePart('calm', programs.runs, { check: async () => ({ ready: true, sees: `${++looks > 0}` }) });
    const change = { stableAfterMs: 200, restCheckMs: 60_000 };
    const { stack } = stackOf([calm, fakePart('mortal', programs.runs)], [], change);
    await stack.start();
    await sleep(600);
    const atRest = looks;
    await sleep(300);
    expect(looks).toBe(atRest);
    process.kill(stack.states()['mortal']?.process?.pid ?? NaN, 'SIGKILL');
    await until(() => looks > atRest);
  });

  it('ends a part that ignores the stop signal, with its children', async () => {
    const program = `require("child_process").spawn(process.execPath, ["-e", "setInterval(() => {}, 1000)"]).on("spawn", function () {
      console.log("child " + this.pid) }); ${programs.ignoresSigterm}`;
    const { stack, home } = stackOf([fakePart('stubborn', program)]);
    await stack.start();
    const log = join(home.logs, 'stubborn.log');
    await until(() => readFileSync(log, 'utf8').includes('child') && readFileSync(log, 'utf8').includes('up'));
    const child = Number(/child (\d+)/.exec(readFileSync(log, 'utf8'))?.[1]);
    await stack.stop();
    expect(stack.states()['stubborn']).toMatchObject({ state: 'stopped' });
    await until(() => !isRunning({ pid: child, startTime: '' }) && !existsSync(`/proc/${child}/exe`));
  });

  it('can be stopped while a part starts, and leaves nothing of it', async () => {
    const { stack } = stackOf([
      fakePart('slow', programs.runs, { check: async () => ({ ready: false, sees: 'not yet' }) }),
    ]);
    const started = stack.start().catch(() => 'interrupted');
    await until(() => stack.states()['slow']?.process !== undefined);
    const identity = stack.states()['slow']?.process;
    await stack.stop();
    expect(identity !== undefined && isRunning(identity)).toBe(false);
    expect(await Promise.race([started, sleep(1000, 'waits')])).toBe('interrupted');
  });

  it('keeps the log of the start before', async () => {
    const { stack, home } = stackOf([fakePart('talker', 'console.log("second"); setInterval(() => {}, 1000)')]);
    const log = join(home.logs, 'talker.log');
    (await import('node:fs')).writeFileSync(log, 'first');
    await stack.start();
    expect(readFileSync(`${log}.1`, 'utf8')).toBe('first');
    await until(() => readFileSync(log, 'utf8') === 'second\n');
  });

  it('refuses steps that wait for each other', () => {
    const job = (name: string, startsAfter: string[]): Job => ({ name, startsAfter, run: async () => '' });
    expect(() => stackOf([], [job('a', ['b']), job('b', ['a'])])).toThrow('Steps wait for each other: a → b → a');
  });
});
