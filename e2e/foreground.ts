import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';

/** A command in the foreground of a terminal: in a process group of its own, which a Ctrl-C reaches as a whole. */
export class Foreground {
  readonly #child: ChildProcess;
  readonly #closed: Promise<unknown[]>;
  output = '';

  constructor(command: readonly string[], environment: Readonly<Record<string, string>>) {
    const [file = '', ...args] = command;
    this.#child = spawn(file, args, {
      env: { ...process.env, NODE_OPTIONS: '', ...environment },
      stdio: ['ignore', 'pipe', 'pipe'],
      detached: true,
    });
    for (const stream of [this.#child.stdout, this.#child.stderr])
      stream?.on('data', (chunk: Buffer) => (this.output += chunk.toString()));
    this.#closed = once(this.#child, 'close');
  }

  /** Until the text was printed. @throws when the command ends before, or it takes too long */
  async says(text: string, timeoutMs: number): Promise<void> {
    const deadline = performance.now() + timeoutMs;
    while (!this.output.includes(text)) {
      if (this.#child.exitCode !== null) throw new Error(`ended with ${this.#child.exitCode}:\n${this.output}`);
      if (performance.now() > deadline) throw new Error(`no "${text}" within ${timeoutMs} ms:\n${this.output}`);
      await delay(50);
    }
  }

  /** Ctrl-C, as a terminal sends it. @returns the exit code, and how long the stop took */
  async interrupt(): Promise<{ code: number | null; ms: number }> {
    const startedMs = performance.now();
    if (this.#child.pid !== undefined) process.kill(-this.#child.pid, 'SIGINT');
    const [code] = (await this.#closed) as [number | null];
    return { code, ms: performance.now() - startedMs };
  }

  /** Ends what a failed test has left. */
  async end(): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.pid === undefined) return;
    process.kill(-this.#child.pid, 'SIGTERM');
    await this.#closed;
  }
}
