import { afterAll, beforeEach, describe, expect, it } from '@jest/globals';
import { existsSync, mkdtempSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CacheBudget } from '../cached/cache-budget.js';
import { TaskState } from '../cached/task-state.js';
import { StateCorruptedError, StateUnavailableError, type StateIdentity } from '../state-backend.js';
import { DiskState } from './disk-state.js';
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
