import { cpSync, existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DiskState } from '../state/disk/disk-state.js';
import type { StateBackend, StateStorage } from '../state/state-backend.js';

/*
 * State on disk of a server that is killed: at any operation on its files, or when told so. The next life begins with what was in the files
 * at that moment, and whatever the old one still does is done to files that nobody looks at.
 */

interface Life {
  readonly folder: string;
  readonly backends: StateBackend[];
  isOver: boolean;
}

export class MortalState {
  // What is synced costs nothing there.
  readonly #root = mkdtempSync(join(existsSync('/dev/shm') ? '/dev/shm' : tmpdir(), 'isobar-state-'));
  #lives = 0;
  #life: Life | undefined;
  /** The progress of each state that a life found, by task; undefined where it found none. */
  readonly found: StateBackend['progress'][] = [];
  /** Lives that ended at an operation. */
  deaths = 0;

  /** Of the life under way. */
  get folder(): string {
    return join(this.#root, String(this.#lives));
  }

  /** @param operations after so many the server is killed, and `onDeath` is told */
  begin(operations = Infinity, onDeath: () => void = () => undefined): StateStorage {
    this.end();
    const life: Life = { folder: this.folder, backends: [], isOver: false };
    this.#life = life;
    const disk = new DiskState(life.folder);
    let left = operations;
    const step = (): void => {
      if (!life.isOver && left-- <= 0) {
        this.deaths++;
        this.end();
        onDeath();
      }
      if (life.isOver) throw new Error('the server was killed');
    };
    return {
      open: (identity, onDiscarded) => {
        step();
        const backend = disk.open(identity, onDiscarded);
        life.backends.push(backend);
        this.found.push(backend.progress);
        return mortal(backend, step);
      },
      owners: () => disk.owners(),
      forget: (applicationId) => disk.forget(applicationId),
    };
  }

  /** Kills. Its files are those of the next life. */
  end(): void {
    const life = this.#life;
    if (life === undefined || life.isOver) return;
    life.isOver = true;
    this.#lives++;
    if (existsSync(life.folder)) cpSync(life.folder, this.folder, { recursive: true });
    for (const backend of life.backends) backend.close();
    rmSync(life.folder, { recursive: true, force: true });
  }

  clear(): void {
    this.end();
    rmSync(this.#root, { recursive: true, force: true });
  }
}

function mortal(backend: StateBackend, step: () => void): StateBackend {
  return {
    get progress() {
      return backend.progress;
    },
    get tables() {
      return backend.tables;
    },
    get bytes() {
      return backend.bytes;
    },
    table: (store, segment) => backend.table(store, segment),
    get: (table, key) => (step(), backend.get(table, key)),
    scan: (table, from, to) => (step(), backend.scan(table, from, to)),
    begin: () => (step(), backend.begin()),
    put: (table, key, value, isNew) => (step(), backend.put(table, key, value, isNew)),
    remove: (table, key) => (step(), backend.remove(table, key)),
    drop: (table) => (step(), backend.drop(table)),
    commit: (progress) => {
      step();
      backend.commit(progress);
      step();
    },
    abandon: () => backend.abandon(),
    close: () => backend.close(),
    wipe: () => backend.wipe(),
  };
}
