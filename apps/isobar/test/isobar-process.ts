import { type ChildProcess, spawn } from 'node:child_process';
import { chmodSync, mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { randomFreePorts, until } from '@isobar/local-stack/testing';

const cli = fileURLToPath(new URL('../bin/isobar.mjs', import.meta.url));

export interface Finished {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
  readonly ms: number;
}

/** A running `isobar`, whose output is kept. */
export class IsobarProcess {
  readonly #startedAtMs = Date.now();
  readonly child: ChildProcess;
  readonly finished: Promise<Finished>;
  stdout = '';
  stderr = '';

  constructor(home: string, args: readonly string[], environment: Readonly<Record<string, string>> = {}) {
    this.child = spawn(process.execPath, [cli, '--home', home, ...args], {
      env: { ...process.env, NODE_OPTIONS: '', ...environment },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    this.child.stdout?.on('data', (chunk: Buffer) => (this.stdout += chunk.toString()));
    this.child.stderr?.on('data', (chunk: Buffer) => (this.stderr += chunk.toString()));
    this.finished = new Promise((resolve) =>
      this.child.on('close', (code) =>
        resolve({ code, stdout: this.stdout, stderr: this.stderr, ms: Date.now() - this.#startedAtMs }),
      ),
    );
  }

  /** Until the text appears in either output. */
  async says(text: string): Promise<void> {
    await until(`isobar to say ${text}`, 60_000, () => this.stdout.includes(text) || this.stderr.includes(text));
  }
}

export const isobar = (home: string, args: readonly string[], environment = {}): Promise<Finished> =>
  new IsobarProcess(home, args, environment).finished;

/** A home that PostgreSQL's own user can enter. */
export function newHome(): string {
  const home = mkdtempSync(join(tmpdir(), 'isobar-cli-'));
  chmodSync(home, 0o755);
  return home;
}

/** `--port` options with free ports for the named parts. */
export async function freePortOptions(...names: string[]): Promise<string[]> {
  const ports = await randomFreePorts(names.length);
  return names.flatMap((name, index) => ['--port', `${name}=${ports[index]}`]);
}
