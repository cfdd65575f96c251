import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import type { ProcessIdentity } from './process/process-identity.js';
import { RunLock } from './run/lock.js';

/** Shared by all stacks of a user, whatever their homes. */
const sharedFolder = (): string => join(tmpdir(), `isobar-ports-${userInfo().uid}`);

/**
 * The ports that a stack has chosen. Between the choice and the moment at which a part listens a port looks free to everybody; a lock
 * file per port tells other stacks. One whose holder has ended is free.
 */
export class PortReservations {
  readonly #locks = new Map<number, RunLock>();

  constructor(private readonly folder: string = sharedFolder()) {}

  /** @returns undefined when the port is ours now, else the process that has reserved it */
  take(port: number): ProcessIdentity | undefined {
    if (this.#locks.has(port)) return undefined;
    const lock = RunLock.acquire(join(this.folder, String(port)));
    if (!(lock instanceof RunLock)) return lock;
    this.#locks.set(port, lock);
    return undefined;
  }

  giveBack(port: number): void {
    this.#locks.get(port)?.release();
    this.#locks.delete(port);
  }

  giveAllBack(): void {
    for (const port of [...this.#locks.keys()]) this.giveBack(port);
  }
}
