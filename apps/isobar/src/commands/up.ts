import { spawn } from 'node:child_process';
import { mkdirSync, openSync } from 'node:fs';
import { join } from 'node:path';
import {
  isHealth,
  lockFile,
  lockHolder,
  observeStack,
  stackHome,
  StackSession,
  type OptionalStep,
  type StackPorts,
  type ProcessIdentity,
  type SessionOptions,
} from '@isobar/local-stack';
import { exitCodes } from '../exit-codes.js';
import { asTyped } from '../render/hint.js';
import { alreadyRunningLines } from '../render/ready.js';
import { createRenderer, type Renderer } from '../render/renderer.js';
import { stoppedLine } from '../render/stopped-line.js';
import { followStart } from './follow-start.js';

interface UpOptions {
  readonly detach?: boolean;
  readonly port?: Partial<StackPorts>;
  readonly only?: string[];
  readonly with?: OptionalStep[];
  readonly without?: OptionalStep[];
  readonly offline?: boolean;
  /** Seconds. */
  readonly waitTimeout?: number;
  readonly plain?: boolean;
  readonly output?: string;
}

/** A second Ctrl-C sooner than this is the same key press, passed on by a parent. */
const samePressMs = 500;

/** Starts the stack and stays until it is stopped; attaches to one that already runs in this home. */
export async function up(options: UpOptions): Promise<void> {
  const home = stackHome();
  const asked = sessionOptions(options);
  const lookingOn = (): Renderer => createRenderer({ ...options, isElsewhere: true });
  if (options.detach === true) return detach(lookingOn(), options);
  const renderer = createRenderer(options);
  const session = StackSession.open({ ...asked, home, observe: (event) => renderer.show(event) });
  if (!(session instanceof StackSession)) return attach(session, lookingOn(), options);

  let stopping: Promise<void> | undefined;
  let firstSignalAtMs = 0;
  const stop = (signal: NodeJS.Signals): void => {
    if (stopping === undefined) {
      firstSignalAtMs = Date.now();
      stopping = session.stop().then(() => {
        renderer.close();
        if (options.output !== 'ndjson') process.stdout.write(`${stoppedLine(Date.now() - firstSignalAtMs)}\n`);
      });
      // SIGTERM is how `isobar down` asks; that is no interruption.
      const code = signal === 'SIGINT' ? exitCodes.interrupted : exitCodes.success;
      void stopping.then(() => process.exit(session.state === 'failed' ? exitCodes.failed : code));
    } else if (Date.now() - firstSignalAtMs > samePressMs) {
      void session.kill().then(() => process.exit(exitCodes.interrupted));
    }
  };
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, stop);
  for (const event of ['uncaughtException', 'unhandledRejection'] as const)
    process.on(event, (error) => {
      // What cannot be written is told by the state; it ends nothing.
      if (isDiskFull(error)) return;
      process.exitCode = exitCodes.failed;
      console.error(error);
      void session.kill().finally(() => process.exit(exitCodes.failed));
    });

  const ready = await session.start();
  if (!ready) {
    if (stopping !== undefined) return;
    await session.stop();
    renderer.close();
    process.exit(exitCodes.failed);
  }
}

const isDiskFull = (error: unknown): boolean =>
  error instanceof Error && 'code' in error && (error.code === 'ENOSPC' || error.code === 'EDQUOT');

function sessionOptions(options: UpOptions): Omit<SessionOptions, 'home' | 'observe'> {
  return {
    askedPorts: options.port ?? {},
    ...(options.only === undefined ? {} : { only: options.only }),
    ...(options.with === undefined ? {} : { with: options.with }),
    ...(options.without === undefined ? {} : { without: options.without }),
    ...(options.offline === true ? { environment: { WEATHER_MODE: 'sample' } } : {}),
    ...(options.waitTimeout === undefined ? {} : { timeoutMs: options.waitTimeout * 1000 }),
  };
}

/** The stack already runs: shows since when and how it stands, or waits with it if it is still starting. */
async function attach(holder: ProcessIdentity, renderer: Renderer, { with: asked = [] }: UpOptions): Promise<void> {
  const seen = observeStack(stackHome());
  if (seen.kind === 'running' && isHealth(seen.state.state)) {
    renderer.close();
    process.stdout.write(`${alreadyRunningLines(seen.state).join('\n')}\n`);
    const missing = asked.filter((name) => seen.state.parts[name] === undefined);
    if (missing.length > 0)
      process.stderr.write(
        `${asTyped(`${missing.join(', ')} does not run in it: npx isobar down, then npx isobar up --with ${missing.join(',')}`)}\n`,
      );
    process.exitCode = seen.state.state === 'not ready' || missing.length > 0 ? exitCodes.failed : exitCodes.success;
    return;
  }
  process.stderr.write(`isobar is already starting here (process ${holder.pid}); waiting with it\n`);
  const ready = await followStart(stackHome(), renderer, holder);
  renderer.close();
  process.exitCode = ready ? exitCodes.success : exitCodes.failed;
}

/** Starts the same command in the background, shows its start, and leaves it running. */
async function detach(renderer: Renderer, options: UpOptions): Promise<void> {
  const home = stackHome();
  const holder = lockHolder(lockFile(home));
  if (holder !== undefined) return attach(holder, renderer, options);
  mkdirSync(home.logs, { recursive: true });
  const log = openSync(join(home.logs, 'isobar.log'), 'w');
  const args = process.argv.slice(1).filter((argument) => !['-d', '--detach'].includes(argument));
  const child = spawn(process.execPath, [...args, '--plain'], {
    detached: true,
    stdio: ['ignore', log, log],
    env: { ...process.env, ISOBAR_HOME: home.root },
  });
  child.unref();
  const ready = await followStart(home, renderer, child);
  renderer.close();
  process.exit(ready ? exitCodes.success : exitCodes.failed);
}
