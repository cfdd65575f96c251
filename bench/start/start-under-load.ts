import { type ChildProcess, spawn } from 'node:child_process';
import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { isobar, up } from './isobar.js';

/**
 * Starts the whole stack in a fresh home, round by round, beside as many programs that never rest as `load` says. Each start must get
 * ready, however long it takes. @returns the exit code: 1 when one failed, 64 when `load` is no number
 */
export async function startUnderLoad(load: number, rounds: number): Promise<number> {
  if (!Number.isInteger(load) || load < 1) {
    console.error('--load must be a whole number above 0');
    return 64;
  }
  const busy = Array.from({ length: load }, burn);
  let ready = 0;
  try {
    for (let round = 1; round <= rounds; round++) {
      const home = mkdtempSync(join(tmpdir(), 'isobar-bench-load-'));
      chmodSync(home, 0o755); // PostgreSQL runs as another user, who has to get in
      const said = await up(home, undefined).then(
        (ms) => `Ready in ${(ms / 1000).toFixed(0)} s`,
        (error: unknown) => `failed: ${String(error)}`,
      );
      if (said.startsWith('Ready')) ready++;
      console.log(`round ${round}, load ${(loadavg()[0] ?? 0).toFixed(0)}: ${said}`);
      await isobar(home, ['down']);
      rmSync(home, { recursive: true, force: true });
    }
  } finally {
    for (const program of busy) program.kill('SIGKILL');
  }
  console.log(`${ready} of ${rounds} starts got ready under load ${load}`);
  return ready === rounds ? 0 : 1;
}

/**
 * A session of its own each: Linux may share the processor out between sessions first (autogroup), and twenty programs of one
 * session would then weigh as much as one. It ends with us, too, when we are killed.
 */
const burn = (): ChildProcess =>
  spawn(
    process.execPath,
    [
      '-e',
      'for (const parent = process.ppid; process.ppid === parent; ) for (const end = Date.now() + 1000; Date.now() < end; );',
    ],
    { stdio: 'ignore', detached: true },
  );
