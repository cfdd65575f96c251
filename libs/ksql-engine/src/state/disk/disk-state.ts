import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  StateCorruptedError,
  StateUnavailableError,
  type StateBackend,
  type StateIdentity,
  type StateStorage,
} from '../state-backend.js';
import { deleteStateFile, isBusy, SqliteBackend, UnusableState } from './sqlite-backend.js';
import { loadSqlite, type Database } from './sqlite.js';

const LOCK = 'in-use.db';
/** Who has the folder, for those who do not get it. */
const HOLDER = 'in-use-by';

/** States of tasks as files `<folder>/<application id>/<task id>.db`. */
export class DiskState implements StateStorage {
  readonly #open: (path: string) => Database;
  #locked: Database | undefined;

  /** @throws StateUnavailableError when this Node has no SQLite */
  constructor(private readonly folder: string) {
    const Sqlite = loadSqlite();
    if (Sqlite === undefined) {
      throw new StateUnavailableError(
        `state on disk needs Node 22.13 or later; this is ${process.version}, which keeps state in memory`,
      );
    }
    this.#open = (path) => new Sqlite(path);
  }

  /**
   * For a process that uses all of the folder, until it ends or closes it: no other may have it meanwhile.
   * @throws StateUnavailableError when another has it, or it cannot be written to
   */
  static openFolder(folder: string): DiskState {
    const state = new DiskState(folder);
    state.#lock();
    return state;
  }

  close(): void {
    this.#locked?.close();
    this.#locked = undefined;
  }

  open(identity: StateIdentity, onDiscarded: (reason: string) => void): StateBackend {
    const folder = this.#folderOf(identity.applicationId);
    const path = join(folder, `${encodeURIComponent(identity.taskId)}.db`);
    try {
      mkdirSync(folder, { recursive: true });
    } catch (cause) {
      throw new StateUnavailableError(`the state folder ${folder} cannot be used: ${String(cause)}`, { cause });
    }
    try {
      return this.#backend(path, identity);
    } catch (cause) {
      if (!(cause instanceof StateCorruptedError || cause instanceof UnusableState)) throw cause;
      deleteStateFile(path);
      onDiscarded(cause instanceof UnusableState ? `${path}: ${cause.message}` : cause.message);
      return this.#backend(path, identity);
    }
  }

  owners(): readonly string[] {
    if (!existsSync(this.folder)) return [];
    const entries = readdirSync(this.folder, { withFileTypes: true });
    return entries.filter((entry) => entry.isDirectory()).map(({ name }) => decodeURIComponent(name));
  }

  forget(applicationId: string): void {
    rmSync(this.#folderOf(applicationId), { recursive: true, force: true });
  }

  /** An open database that others may not even read: the system lets go of it however this process ends. */
  #lock(): void {
    const holder = join(this.folder, HOLDER);
    let database: Database | undefined;
    try {
      mkdirSync(this.folder, { recursive: true });
      database = this.#open(join(this.folder, LOCK));
      database.exec('PRAGMA locking_mode = EXCLUSIVE; BEGIN EXCLUSIVE; COMMIT;');
      writeFileSync(holder, String(process.pid));
    } catch (cause) {
      database?.close();
      if (!isBusy(cause)) {
        throw new StateUnavailableError(`the state folder ${this.folder} cannot be used: ${String(cause)}`, { cause });
      }
      const who = existsSync(holder) ? `process ${readFileSync(holder, 'utf8')}` : 'another process';
      throw new StateUnavailableError(`the state folder ${this.folder} is used by ${who}; each server needs its own`, {
        cause,
      });
    }
    this.#locked = database;
  }

  #folderOf(applicationId: string): string {
    return join(this.folder, encodeURIComponent(applicationId));
  }

  #backend(path: string, identity: StateIdentity): SqliteBackend {
    let database: Database;
    try {
      database = this.#open(path);
    } catch (cause) {
      throw new StateUnavailableError(`the local state ${path} cannot be opened: ${String(cause)}`, { cause });
    }
    return new SqliteBackend(database, path, identity);
  }
}
