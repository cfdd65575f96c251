import { spawn } from 'node:child_process';
import { mkdirSync, openSync } from 'node:fs';
import { join } from 'node:path';
import {
  parsePortOptions,
  StackError,
  stackHome,
  StackSession,
  stepNames,
  type ProcessIdentity,
  type SessionOptions,
} from '@isobar/local-stack';
import { exitCodes } from '../exit-codes.js';
import { createRenderer, type Renderer } from '../render/renderer.js';
import { followStart } from './follow-start.js';

interface UpOptions {
  readonly detach?: boolean;
  readonly port?: string[];
  readonly only?: string[];
  readonly offline?: boolean;
  readonly waitTimeout?: string;
  readonly plain?: boolean;
  readonly output?: string;
}

/** A second Ctrl-C sooner than this is the same key press, passed on by a parent. */
const samePressMs = 500;

/** Starts the stack and stays until it is stopped; attaches to one that already runs in this home. */
export async function up(options: UpOptions): Promise<void> {
  const home = stackHome();
  const renderer = createRenderer(options);
  if (options.detach === true) return detach(renderer);
  const session = StackSession.open({ ...sessionOptions(options), home, observe: (event) => renderer.show(event) });
  if (!(session instanceof StackSession)) return attach(session, renderer);

  let stopping: Promise<void> | undefined;
  let firstSignalAtMs = 0;
  const stop = (signal: NodeJS.Signals): void => {
    if (stopping === undefined) {
      firstSignalAtMs = Date.now();
      stopping = session.stop().then(() => renderer.close());
      // SIGTERM is how `isobar down` asks; that is no interruption.
      const code = signal === 'SIGINT' ? exitCodes.interrupted : exitCodes.success;
      void stopping.then(() => process.exit(session.state === 'failed' ? exitCodes.failed : code));
    } else if (Date.now() - firstSignalAtMs > samePressMs) {
      void session.kill().then(() => process.exit(exitCodes.interrupted));
    }
  };
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, stop);
  for (const event of ['uncaughtException', 'unhandledRejection'] as const)
    process.once(event, (error) => {
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

function sessionOptions(options: UpOptions): Omit<SessionOptions, 'home' | 'observe'> {
  const unknown = options.only?.find((name) => !(stepNames as readonly string[]).includes(name));
  if (unknown !== undefined)
    throw new StackError(`--only ${unknown}: there is no part of that name`, { fix: `use ${stepNames.join(', ')}` });
  return {
    askedPorts: parsePortOptions(options.port ?? []),
    ...(options.only === undefined ? {} : { only: options.only }),
    ...(options.offline === true ? { environment: { WEATHER_MODE: 'sample' } } : {}),
    timeoutMs: Number(options.waitTimeout ?? 180) * 1000,
  };
}

/** The stack already runs: shows how it stands, waiting with it if it is still starting. */
async function attach(holder: ProcessIdentity, renderer: Renderer): Promise<void> {
  process.stderr.write(`isobar already runs here (process ${holder.pid}); attaching\n`);
  const ready = await followStart(stackHome(), renderer, holder);
  renderer.close();
  process.exitCode = ready ? exitCodes.success : exitCodes.failed;
}

/** Starts the same command in the background, shows its start, and leaves it running. */
async function detach(renderer: Renderer): Promise<void> {
  const home = stackHome();
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
