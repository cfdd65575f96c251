import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import type { StackState } from '@isobar/local-stack';
import { repositoryRoot } from '../machine.js';

const CLI = join(repositoryRoot, 'apps', 'isobar', 'bin', 'isobar.mjs');
/** No request leaves the machine, so that the weather service's answer time is no part of a figure. */
const OFFLINE = ['--offline'];

/** Runs one command of the CLI in a home to its end. @throws Error with what it printed when it ends with another code than these */
export async function isobar(
  home: string,
  args: readonly string[],
  environment: Readonly<Record<string, string>> = {},
  codes: readonly number[] = [0],
): Promise<string> {
  const child = start(home, args, environment);
  let output = '';
  for (const stream of [child.stdout, child.stderr])
    stream?.on('data', (chunk: Buffer) => (output += chunk.toString()));
  const [code] = (await once(child, 'close')) as [number | null];
  if (code === null || !codes.includes(code))
    throw new Error(`isobar ${args.join(' ')} ended with ${code}:\n${output.slice(-3_000)}`);
  return output;
}

function start(home: string, args: readonly string[], environment: Readonly<Record<string, string>>): ChildProcess {
  return spawn(process.execPath, [CLI, '--home', home, ...args], {
    env: { ...process.env, NODE_OPTIONS: '', ...environment },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
}

/** Starts the stack in the background. Gives the time from the command to its end, which is at Ready, ms. */
export async function up(
  home: string,
  only: readonly string[] | undefined,
  environment: Readonly<Record<string, string>> = {},
): Promise<number> {
  const startedMs = performance.now();
  const parts = only === undefined ? [] : ['--only', only.join(',')];
  await isobar(home, ['up', '--detach', ...OFFLINE, ...parts], environment);
  return performance.now() - startedMs;
}

/** 1: a part is not ready, which the state says. */
const STATUS_CODES = [0, 1];

export const status = async (home: string): Promise<StackState> =>
  JSON.parse(await isobar(home, ['status', '-o', 'json'], {}, STATUS_CODES)) as StackState;
