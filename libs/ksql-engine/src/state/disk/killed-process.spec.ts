import { afterAll, describe, expect, it } from '@jest/globals';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { CacheBudget } from '../cached/cache-budget.js';
import { TaskState } from '../cached/task-state.js';
import { DiskState } from './disk-state.js';
import { loadSqlite } from './sqlite.js';

const folder = mkdtempSync(join(existsSync('/dev/shm') ? '/dev/shm' : tmpdir(), 'isobar-state-'));
afterAll(() => rmSync(folder, { recursive: true }));

const KEYS = 997;
const identity = { applicationId: 'killed', taskId: '0', fingerprint: '' };
const onDisk = loadSqlite() === undefined ? it.skip : it;

/** Change number n gives the key n % KEYS the value n. Each line that it prints is the offset of a batch that was written. */
const program = `
  import { CacheBudget, DiskState, TaskState } from '@isobar/ksql-engine/testing';
  const backend = new DiskState(${JSON.stringify(folder)}).open(${JSON.stringify(identity)}, (reason) => {
    throw new Error(reason);
  });
  const state = new TaskState(backend, new CacheBudget(50_000));
  const store = state.keyValue('s');
  for (let n = state.progress?.stores.s.offset ?? 0; ; ) {
    for (const end = n + 700; n < end; n++) store.put(String(n % ${KEYS}), [n % ${KEYS}], [n], n);
    store.takeChanges();
    state.committed();
    state.writeNow(new Map([['s', { topicId: 't', offset: n }]]), n);
    console.log(n);
  }`;

describe('the state of a process that is killed while it writes', () => {
  onDisk('is that of the offset stored with it, whenever that is', async () => {
    let before = 0;
    for (const lines of [1, 4, 9, 2, 6]) {
      const child = spawn(process.execPath, ['--input-type=module', '-e', program], {
        stdio: ['ignore', 'pipe', 'inherit'],
      });
      const ended = once(child, 'exit');
      let seen = 0;
      let printed = 0;
      for await (const line of createInterface({ input: child.stdout })) {
        printed = Number(line);
        if (++seen === lines) child.kill('SIGKILL');
      }
      await ended;
      expect(seen).toBeGreaterThanOrEqual(lines);
      const backend = new DiskState(folder).open(identity, (reason) => {
        throw new Error(reason);
      });
      const state = new TaskState(backend, new CacheBudget(0));
      const offset = state.progress?.stores['s']?.offset ?? 0;
      expect(offset).toBeGreaterThanOrEqual(printed);
      expect(offset).toBeGreaterThan(before);
      before = offset;
      const store = state.keyValue('s');
      const newest = Array.from(
        { length: Math.min(KEYS, offset) },
        (_, key) => key + KEYS * Math.floor((offset - 1 - key) / KEYS),
      );
      expect(Array.from(store.all(), ({ value }) => Number(value[0])).sort((a, b) => a - b)).toEqual(
        newest.sort((a, b) => a - b),
      );
      state.close();
    }
  });
});
