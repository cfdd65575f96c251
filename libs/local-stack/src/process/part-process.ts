import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { type ProcessIdentity, startTimeOf } from './process-identity.js';

export interface LaunchSpec {
  readonly file: string;
  readonly args: readonly string[];
  /** The whole environment; nothing is inherited. */
  readonly env: Readonly<Record<string, string>>;
  readonly cwd: string;
  readonly uid?: number;
  readonly gid?: number;
}

export interface ProcessExit {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  /** Set when the program could not be started at all. */
  readonly error?: Error;
}

export interface StopPolicy {
  readonly signal: NodeJS.Signals;
  /** After this long the whole process group is killed. */
  readonly timeoutMs: number;
}

/** A test run marks every process that it causes, to find those it leaves behind. */
function runIdentity(): Record<string, string> {
  const runId = process.env['ISOBAR_RUN_ID'];
  return runId === undefined ? {} : { ISOBAR_RUN_ID: runId };
}

/** One child process in a process group of its own, so that a terminal's Ctrl-C reaches only us and a kill reaches its children too. */
export class PartProcess {
  readonly exited: Promise<ProcessExit>;
  readonly identity: ProcessIdentity | undefined;
  #exit: ProcessExit | undefined;

  private constructor(readonly child: ChildProcess) {
    this.exited = new Promise((resolve) => {
      const settle = (exit: ProcessExit): void => {
        this.#exit ??= exit;
        this.#killGroup();
        resolve(this.#exit);
      };
      child.once('exit', (code, signal) => settle({ code, signal }));
      child.once('error', (error) => settle({ code: null, signal: null, error }));
    });
    this.identity = child.pid === undefined ? undefined : { pid: child.pid, startTime: startTimeOf(child.pid) ?? '' };
  }

  /** Starts the program with both outputs appended to `logFile`, which goes on being written if this process dies. */
  static start(spec: LaunchSpec, logFile: string): PartProcess {
    const log = openSync(logFile, 'a');
    try {
      return new PartProcess(
        spawn(spec.file, spec.args, {
          cwd: spec.cwd,
          env: { ...spec.env, ...runIdentity() },
          detached: true,
          stdio: ['ignore', log, log],
          ...(spec.uid === undefined ? {} : { uid: spec.uid, gid: spec.gid }),
        }),
      );
    } finally {
      closeSync(log);
    }
  }

  get exit(): ProcessExit | undefined {
    return this.#exit;
  }

  get pid(): number | undefined {
    return this.child.pid;
  }

  /** Sends a signal to the process itself (not its children). */
  signal(signal: NodeJS.Signals): void {
    if (this.#exit === undefined) this.child.kill(signal);
  }

  /** Asks the process to end, waits, then kills the whole group. Resolves when the process is gone. */
  async stop({ signal, timeoutMs }: StopPolicy): Promise<ProcessExit> {
    this.signal(signal);
    const timer = new AbortController();
    await Promise.race([this.exited, sleep(timeoutMs, undefined, { signal: timer.signal }).catch(() => undefined)]);
    timer.abort();
    if (this.#exit === undefined) this.#killGroup();
    return this.exited;
  }

  /** Ends the process and its children at once. */
  kill(): Promise<ProcessExit> {
    // Once it has ended, its id may belong to somebody else.
    if (this.#exit === undefined) this.#killGroup();
    return this.exited;
  }

  #killGroup(): void {
    if (this.child.pid === undefined) return;
    try {
      process.kill(-this.child.pid, 'SIGKILL');
    } catch {
      // The group is already empty.
    }
  }
}
