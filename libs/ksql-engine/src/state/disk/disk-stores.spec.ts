import { afterAll, describe } from '@jest/globals';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { storesContract } from '../../testing/stores-contract.js';
import { CacheBudget } from '../cached/cache-budget.js';
import { TaskState } from '../cached/task-state.js';
import type { StoreFactory } from '../store-factory.js';
import type { TrackedStore } from '../store.js';
import { DiskState } from './disk-state.js';
import { loadSqlite } from './sqlite.js';

// What is synced costs nothing there.
const folder = mkdtempSync(join(existsSync('/dev/shm') ? '/dev/shm' : tmpdir(), 'isobar-state-'));
const opened: TaskState[] = [];
afterAll(() => {
  for (const state of opened) state.close();
  rmSync(folder, { recursive: true });
});

function openState(budget: CacheBudget): TaskState {
  const identity = { applicationId: 'contract', taskId: String(opened.length), fingerprint: '' };
  const backend = new DiskState(folder).open(identity, (reason) => {
    throw new Error(reason);
  });
  const state = new TaskState(backend, budget);
  opened.push(state);
  return state;
}

/** Stores of which nothing stays in memory that was committed. */
function forgetful(): StoreFactory {
  const state = openState(new CacheBudget(0));
  const tracked = <S extends TrackedStore & { rotate(): void }>(store: S): S => {
    const take = store.takeChanges.bind(store);
    store.takeChanges = () => {
      const changes = take();
      state.committed();
      state.writeNow(new Map(), 0);
      store.rotate();
      store.rotate();
      return changes;
    };
    return store;
  };
  return {
    keyValue: (name) => tracked(state.keyValue(name)),
    window: (name, retentionMs) => tracked(state.window(name, retentionMs)),
    session: (name, retentionMs) => tracked(state.session(name, retentionMs)),
    joinBuffer: (name, retentionMs) => tracked(state.joinBuffer(name, retentionMs)),
    pendingOuterRows: (name) => tracked(state.pendingOuterRows(name)),
  };
}

const onDisk = loadSqlite() === undefined ? describe.skip : describe;

onDisk('state on disk', () => {
  storesContract('on disk', () => openState(new CacheBudget(1e9)));
  storesContract('on disk, with nothing in the cache', forgetful);
});
