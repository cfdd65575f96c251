import { linkSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { StackHome } from '../home.js';
import { identityOf, isRunning, type ProcessIdentity } from '../process/process-identity.js';

export const lockFile = (home: StackHome): string => join(home.run, 'lock');

/** Held by the one process that supervises a home. A lock whose holder has ended is free. */
export class RunLock {
  private constructor(private readonly file: string) {}

  /** @returns the lock, or who holds it */
  static acquire(file: string): RunLock | ProcessIdentity {
    mkdirSync(dirname(file), { recursive: true });
    const own = `${file}.${process.pid}`;
    writeFileSync(own, JSON.stringify(identityOf(process.pid)));
    try {
      for (;;) {
        try {
          // A link appears with its content or not at all, and only if nothing of that name exists.
          linkSync(own, file);
          return new RunLock(file);
        } catch (error) {
          if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
        }
        const holder = lockHolder(file);
        if (holder !== undefined) return holder;
        discardStale(file);
      }
    } finally {
      rmSync(own, { force: true });
    }
  }

  release(): void {
    rmSync(this.file, { force: true });
  }
}

/** The living holder of a lock, if any. */
export function lockHolder(file: string): ProcessIdentity | undefined {
  try {
    const holder = JSON.parse(readFileSync(file, 'utf8')) as ProcessIdentity;
    return isRunning(holder) ? holder : undefined;
  } catch {
    return undefined;
  }
}

/** Moves a stale lock away; if another process renewed it in between, puts that one back. */
function discardStale(file: string): void {
  const aside = `${file}.stale.${process.pid}`;
  try {
    renameSync(file, aside);
  } catch {
    return; // Another process was faster.
  }
  try {
    if (lockHolder(aside) !== undefined) linkSync(aside, file);
  } finally {
    rmSync(aside, { force: true });
  }
}
