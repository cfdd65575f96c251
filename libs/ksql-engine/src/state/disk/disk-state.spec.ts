import { afterAll, beforeEach, describe, expect, it } from '@jest/globals';
import { existsSync, mkdtempSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CacheBudget } from '../cached/cache-budget.js';
import { TaskState } from '../cached/task-state.js';
import { StateCorruptedError, StateFullError, StateUnavailableError, type StateIdentity } from '../state-backend.js';
import { DiskState } from './disk-state.js';
import { SqliteBackend } from './sqlite-backend.js';
import { checksumOf } from './state-header.js';
import { loadSqlite } from './sqlite.js';

const folder = mkdtempSync(join(existsSync('/dev/shm') ? '/dev/shm' : tmpdir(), 'isobar-state-'));
afterAll(() => rmSync(folder, { recursive: true }));

const identity: StateIdentity = { applicationId: 'app', taskId: '0_1', fingerprint: 'plan' };
const path = join(folder, 'app', '0_1.db');
const Sqlite = loadSqlite();
const onDisk = Sqlite === undefined ? describe.skip : describe;
const place = (offset: number) => new Map([['s', { topicId: 't', offset }]]);

let reasons: string[] = [];
function open(whose: StateIdentity = identity, cacheBytes = 0): TaskState {
  const backend = new DiskState(folder).open(whose, (reason) => void reasons.push(reason));
  return new TaskState(backend, new CacheBudget(cacheBytes));
}

/** State with 2,000 rows, whole and closed. */
function write(): void {
  const state = open();
  const store = state.keyValue('s');
  for (let i = 0; i < 2_000; i++) store.put(`key-${i}`, [`key-${i}`], [i, 'a value of some length'], i);
  store.takeChanges();
  state.committed();
  state.writeNow(place(2_000), 5);
  state.close();
}

function sql(statement: string): void {
  if (Sqlite === undefined) return;
  const database = new Sqlite(path);
  database.exec(statement);
  database.close();
}

onDisk('a state file', () => {
  beforeEach(() => {
    rmSync(join(folder, 'app'), { recursive: true, force: true });
    reasons = [];
    write();
  });

  it('has the rows, and what they are true of, when it is opened again', () => {
    const state = open();
    expect(state.progress).toEqual({
      stores: { s: { topicId: 't', offset: 2_000, observedMs: -1, sequence: 0 } },
      writtenAtMs: 5,
    });
    const store = state.keyValue('s');
    expect(store.size).toBe(2_000);
    expect(store.get('key-77')).toMatchObject({ value: [77, 'a value of some length'], timestamp: 77 });
    expect(store.get('key-x')).toBeUndefined();
    state.close();
    expect(reasons).toEqual([]);
  });

  it.each<[string, () => void, StateIdentity, string]>([
    ['is cut off', () => truncateSync(path, 60_000), identity, 'damaged'],
    ['has other bytes', () => writeFileSync(path, 'x'.repeat(100_000)), identity, 'damaged'],
    ['has another header', () => sql(`UPDATE state SET header = replace(header, '2000', '2001')`), identity, 'header'],
    ['is another database', () => (rmSync(path), sql('CREATE TABLE x (y)')), identity, 'not a state file'],
    ['is of a later format', () => sql('PRAGMA user_version = 2'), identity, 'format is 2'],
    ['was written by another plan', () => undefined, { ...identity, fingerprint: 'other' }, 'another plan'],
    ['is of another query', () => sql(asIfOf('app', 'other')), identity, 'belongs to other'],
  ])('is discarded with a word when it %s', (_, damage, whose, reason) => {
    damage();
    const state = open(whose);
    expect(reasons).toEqual([expect.stringContaining(reason)]);
    expect(state.progress).toBeUndefined();
    expect([...state.keyValue('s').all()]).toEqual([]);
    state.close();
  });

  it('is given up when a row of it is not what was written', () => {
    const bytes = readFileSync(path);
    const at = bytes.lastIndexOf('key-77');
    expect(at).toBeGreaterThan(0);
    bytes[at + 20] = 0x58;
    writeFileSync(path, bytes);
    const store = open().keyValue('s');
    expect(() => [...store.all()]).toThrow(StateCorruptedError);
    expect(existsSync(path)).toBe(false);
    expect(open().progress).toBeUndefined();
  });

  it('is refused while another uses it', () => {
    const state = open();
    expect(() => open()).toThrow(StateUnavailableError);
    expect(() => open()).toThrow('another process');
    state.close();
    open().close();
    expect(reasons).toEqual([]);
  });

  it('is refused where no folder can be made', () => {
    writeFileSync(join(folder, 'file'), '');
    expect(() => new DiskState(join(folder, 'file')).open(identity, () => undefined)).toThrow(StateUnavailableError);
  });

  it('has a folder that only one process may use at a time', async () => {
    const locked = mkdtempSync(join(tmpdir(), 'isobar-lock-'));
    const first = DiskState.openFolder(locked);
    expect(() => DiskState.openFolder(locked)).toThrow(`is used by process ${process.pid}; each server needs its own`);
    expect(first.owners()).toEqual([]);
    first.close();
    DiskState.openFolder(locked).close();
    rmSync(locked, { recursive: true });
  });

  it('goes with its query', () => {
    new DiskState(folder).forget('app');
    expect(existsSync(path)).toBe(false);
    new DiskState(folder).forget('app');
  });

  it('never holds what is not committed', () => {
    const state = open(identity, 1e9);
    const store = state.keyValue('s');
    store.put('key-1', ['key-1'], [-1], 9);
    store.delete('key-2');
    state.writeNow(place(2_000), 6);
    store.takeChanges();
    state.writeNow(place(2_000), 7);
    state.close();
    const reopened = open().keyValue('s');
    expect(reopened.get('key-1')?.value[0]).toBe(1);
    expect(reopened.get('key-2')?.value[0]).toBe(2);
  });
});

onDisk('without room', () => {
  it('nothing of a batch is stored, all of it stays in memory, and it is written once there is room', () => {
    if (Sqlite === undefined) return;
    const fullPath = join(folder, 'full.db');
    const database = new Sqlite(fullPath);
    const open = (): TaskState => new TaskState(new SqliteBackend(database, fullPath, identity), new CacheBudget(0));
    const state = open();
    const store = state.keyValue('s');
    const windows = state.window('w', 60_000);
    const put = (from: number, to: number): void => {
      for (let i = from; i < to; i++) {
        const key = `key-${i}`;
        store.put(key, [key], [i, 'x'.repeat(100)], i);
        windows.put({ key, keyRow: [key], windowStart: i * 60, windowEnd: i * 60 + 60, value: [i], timestamp: i });
      }
      for (const each of [store, windows]) each.takeChanges();
      state.committed();
    };
    put(0, 100);
    state.writeNow(place(100), 1);
    const pages = Number(database.prepare('PRAGMA page_count').get()?.['page_count']);
    database.exec(`PRAGMA max_page_count = ${pages + 2}`);
    put(50, 2_000);
    for (let again = 0; again < 3; again++) expect(() => state.writeNow(place(2_000), 2)).toThrow(StateFullError);
    expect(state.progress?.stores['s']?.offset).toBe(100);
    expect([store.get('key-0')?.value[0], store.get('key-1999')?.value[0], store.size]).toEqual([0, 1_999, 2_000]);
    put(1_990, 2_010);
    database.exec('PRAGMA max_page_count = 100000');
    state.writeNow(place(2_010), 3);
    const windowsBefore = [...windows.all()].map(({ windowStart }) => windowStart / 60);
    state.close();
    const reopened = new TaskState(new SqliteBackend(new Sqlite(fullPath), fullPath, identity), new CacheBudget(0));
    const stored = reopened.keyValue('s');
    expect([stored.size, [...stored.all()].length]).toEqual([2_010, 2_010]);
    expect(stored.get('key-2009')?.value).toEqual([2_009, 'x'.repeat(100)]);
    const storedWindows = reopened.window('w', 60_000);
    expect([...storedWindows.all()].map(({ windowStart }) => windowStart / 60)).toEqual(windowsBefore);
    reopened.close();
  });
});

/** Makes a header say another application, with a checksum that fits. */
function asIfOf(from: string, to: string): string {
  if (Sqlite === undefined) return '';
  const database = new Sqlite(path);
  const header = String(database.prepare('SELECT header FROM state').get()?.['header']).replace(
    `"applicationId":"${from}"`,
    `"applicationId":"${to}"`,
  );
  database.close();
  return `UPDATE state SET header = '${header}', checksum = ${checksumOf(header)}`;
}
