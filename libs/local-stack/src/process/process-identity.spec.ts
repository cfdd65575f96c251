import { afterEach, describe, expect, it } from '@jest/globals';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { identityOf, isRunning, programOf, startTimeOf } from './process-identity.js';

/** The ways of both systems; `ps` answers on Linux as it does on macOS. */
describe.each(['linux', 'darwin'] as const)('a process, asked for as on %s', (platform) => {
  const itHere = platform === 'linux' && process.platform !== 'linux' ? it.skip : it;
  const zone = process.env['TZ'];
  let child: ChildProcess | undefined;
  afterEach(() => {
    child?.kill('SIGKILL');
    if (zone === undefined) delete process.env['TZ'];
    else process.env['TZ'] = zone;
  });

  itHere('has the same start time whoever asks, in whichever time zone', () => {
    const before = startTimeOf(process.pid, platform);
    process.env['TZ'] = 'Asia/Tokyo';
    expect(before).toMatch(/\d/);
    expect(startTimeOf(process.pid, platform)).toBe(before);
  });

  itHere('has none once it has ended', async () => {
    child = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)']);
    const pid = child.pid ?? NaN;
    expect(startTimeOf(pid, platform)).toBeDefined();
    const ended = once(child, 'exit');
    child.kill('SIGKILL');
    await ended;
    expect(startTimeOf(pid, platform)).toBeUndefined();
  });

  itHere('is named by its program alone, whatever its arguments are', async () => {
    child = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)', '--password=secret', 'two\nlines']);
    expect(programOf(child.pid ?? NaN, platform)).toMatch(/^(node|MainThread)$/);
    expect(programOf(2 ** 22 + 1, platform)).toBeUndefined();
  });

  itHere('that is a zombie does not run', async () => {
    // Its parent never asks how it ended.
    child = spawn('/bin/sh', ['-c', 'sleep 0.01 & echo $!; exec sleep 30'], { stdio: ['ignore', 'pipe', 'ignore'] });
    const [line] = (await once(child.stdout ?? child, 'data')) as [Buffer];
    await sleep(300);
    expect(startTimeOf(Number(line.toString()), platform)).toBeUndefined();
  });
});

describe('the identity of a process', () => {
  it('runs as long as it does, and is not that of another one with its id', () => {
    const own = identityOf(process.pid);
    expect(own !== undefined && isRunning(own)).toBe(true);
    expect(isRunning({ pid: process.pid, startTime: 'another time' })).toBe(false);
  });
});
