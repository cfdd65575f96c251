import { afterAll, describe, expect, it } from '@jest/globals';
import { copyFileSync, existsSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { SeededRandom } from '../../testing/seeded-random.js';
import { CacheBudget } from '../cached/cache-budget.js';
import { TaskState } from '../cached/task-state.js';
import { memoryStores, type StoreFactory } from '../store-factory.js';
import { storeKey } from '../store-key.js';
import type { StoreChange, TrackedStore, WindowedEntry } from '../store.js';
import { DiskState } from './disk-state.js';
import { loadSqlite } from './sqlite.js';

const RETENTION_MS = 120_000;
const SEEDS = 3;
// What is synced costs nothing there.
const folder = mkdtempSync(join(existsSync('/dev/shm') ? '/dev/shm' : tmpdir(), 'isobar-state-'));
afterAll(() => rmSync(folder, { recursive: true }));

/** One random step on a store; what it gives must be the same whatever the store keeps its rows in. */
type Step<S> = (store: S, random: SeededRandom, nowMs: number) => unknown;

interface Kind<S extends TrackedStore> {
  readonly open: (factory: StoreFactory) => S;
  readonly step: Step<S>;
}

const KEYS = ['a', 'b', '', '\ud800', '\udc00', 'a long key, ä and 水', '\0n', null];
const rowOf = (random: SeededRandom): readonly (number | string | null)[] => [
  random.below(1_000),
  random.pick(['x', '\ud83c', null]),
];
const list = (entries: Iterable<WindowedEntry>): readonly unknown[] =>
  Array.from(entries, ({ key, keyRow, value, timestamp, windowStart, windowEnd }) =>
    JSON.stringify([key, keyRow, value, timestamp, windowStart, windowEnd]),
  ).sort();

function kind<S extends TrackedStore>(open: Kind<S>['open'], step: Step<S>): Kind<TrackedStore> {
  return { open, step: step as Step<TrackedStore> };
}

const kinds: Readonly<Record<string, Kind<TrackedStore>>> = {
  'a key-value store': kind(
    (factory) => factory.keyValue('s'),
    (store, random, nowMs) => {
      const keyRow = [random.pick(KEYS)];
      const key = storeKey(keyRow);
      const value = rowOf(random);
      const held = store.get(key);
      const before = held && { value: held.value, timestamp: held.timestamp };
      if (random.next() < 0.3) store.delete(key);
      else if (held === undefined || random.next() < 0.3) store.put(key, keyRow, value, nowMs);
      else store.update(held, value, nowMs);
      return before;
    },
  ),
  'a window store': kind(
    (factory) => factory.window('s', RETENTION_MS),
    (store, random, nowMs) => {
      const keyRow = [random.pick(KEYS)];
      const key = storeKey(keyRow);
      const windowStart = Math.floor(Math.max(0, nowMs - random.below(90_000)) / 10_000) * 10_000;
      const held = store.get(key, windowStart);
      const before = held && { value: held.value, timestamp: held.timestamp };
      const value = rowOf(random);
      // One that nobody deletes while it is the newest: a changelog does not tell of a time whose window came and went between commits.
      if (random.next() < 0.2 && windowStart < nowMs - 60_000) store.delete(key, windowStart, windowStart + 10_000);
      else if (held === undefined || random.next() < 0.3)
        store.put({ key, keyRow, windowStart, windowEnd: windowStart + 10_000, value, timestamp: nowMs });
      else store.update(held, value, nowMs);
      return [before, list(store.fetch(key, 0, Infinity)), list(store.fetchAll(nowMs - 50_000, nowMs - 20_000))];
    },
  ),
  'a session store': kind(
    (factory) => factory.session('s', RETENTION_MS),
    (store, random, nowMs) => {
      const keyRow = [random.pick(KEYS)];
      const key = storeKey(keyRow);
      const timeMs = Math.max(0, nowMs - random.below(30_000));
      const taken = store.find(key, timeMs - 5_000, timeMs + 5_000);
      const found = list(taken);
      const windowStart = Math.min(timeMs, ...taken.map((session) => session.windowStart));
      const windowEnd = Math.max(timeMs, ...taken.map((session) => session.windowEnd));
      for (const session of taken) store.delete(key, session.windowStart, session.windowEnd);
      store.put({ key, keyRow, windowStart, windowEnd, value: rowOf(random), timestamp: windowEnd });
      return [found, list(store.find(key, 0, Infinity)), store.get(key, windowStart, windowEnd)?.value];
    },
  ),
  'a join buffer': kind(
    (factory) => factory.joinBuffer('s', RETENTION_MS),
    (store, random, nowMs) => {
      const keyRow = [random.pick(KEYS)];
      const key = storeKey(keyRow);
      const timeMs = Math.max(0, nowMs - random.below(60_000));
      store.put(key, keyRow, rowOf(random), timeMs);
      return store.fetch(key, timeMs - 20_000, timeMs + 20_000).map(({ value, timestamp }) => [value, timestamp]);
    },
  ),
  'rows without a partner': kind(
    (factory) => factory.pendingOuterRows('s'),
    (store, random, nowMs) => {
      const keyRow = [random.pick(KEYS)];
      const key = storeKey(keyRow);
      const timeMs = Math.max(0, nowMs - random.below(9_000));
      if (random.next() < 0.6) store.add(key, keyRow, rowOf(random), timeMs, random.next() < 0.5);
      const expired = [...store.before(nowMs - 20_000, nowMs - 20_000)];
      for (const row of expired) store.delete(row.key, row.timestamp, row.isLeft);
      return expired.map((row) => JSON.stringify([row.key, row.timestamp, row.isLeft, row.values])).sort();
    },
  ),
};

/** A task's only store on disk, with the changelog that is the truth about it. */
class Life {
  readonly log: StoreChange[] = [];
  private state!: TaskState;
  store!: TrackedStore;
  private life = 0;
  private write: Iterator<void> | undefined;

  constructor(
    private readonly kind: Kind<TrackedStore>,
    private readonly taskId: string,
    private readonly cacheBytes: number,
  ) {
    this.open();
  }

  /** `isLate`: the place in the changelog is that from before this commit, as the runtime has it. */
  commit(isLate: boolean): void {
    const before = this.log.length;
    this.log.push(...this.store.takeChanges());
    this.state.committed();
    const places = new Map([['s', { topicId: 't', offset: isLate ? before : this.log.length }]]);
    // The time says what the rows are true of.
    this.write ??= this.state.write(places, this.log.length)[Symbol.iterator]();
  }

  /** A part of the batch, or all of it. */
  writeOn(isWhole: boolean): void {
    if (this.write === undefined) return;
    do {
      if (this.write.next().done === true) {
        this.write = undefined;
        return;
      }
    } while (isWhole);
  }

  /** Nothing is kept but files and changelog; gives the state as the file alone has it, and how many changes it is true of. */
  crash(): { readonly stored: readonly unknown[]; readonly changes: number } {
    this.write = undefined;
    const before = this.path;
    this.life++;
    mkdirSync(dirname(this.path), { recursive: true });
    // What a killed process leaves is what is in its files at this moment.
    for (const suffix of ['', '-wal'])
      if (existsSync(before + suffix)) copyFileSync(before + suffix, this.path + suffix);
    this.state.wipe();
    this.open();
    const stored = list(this.store.all());
    const offset = this.state.progress?.stores['s']?.offset ?? 0;
    const changes = this.state.progress?.writtenAtMs ?? 0;
    for (const change of this.log.slice(offset)) this.store.restore(change);
    return { stored, changes };
  }

  end(): void {
    this.state.wipe();
  }

  private get path(): string {
    return join(folder, String(this.life), 'model', `${encodeURIComponent(this.taskId)}.db`);
  }

  private open(): void {
    const identity = { applicationId: 'model', taskId: this.taskId, fingerprint: 'f' };
    const backend = new DiskState(join(folder, String(this.life))).open(identity, (reason) => {
      throw new Error(reason);
    });
    this.state = new TaskState(backend, new CacheBudget(this.cacheBytes));
    this.store = this.kind.open(this.state);
  }
}

function replayed(kind: Kind<TrackedStore>, changes: readonly StoreChange[]): TrackedStore {
  const store = kind.open(memoryStores(true));
  for (const change of changes) store.restore(change);
  return store;
}

const onDisk = loadSqlite() === undefined ? describe.skip : describe;

onDisk.each(Object.keys(kinds))('%s on disk', (name) => {
  const kind = kinds[name] as Kind<TrackedStore>;

  it.each(Array.from({ length: SEEDS }, (_, seed) => seed))(
    'is what it is in memory, whenever it is killed (seed %i)',
    (seed) => {
      const random = new SeededRandom(seed);
      const life = new Life(kind, `${name}-${seed}`, random.pick([0, 3_000, 1e9]));
      let memory = kind.open(memoryStores(true));
      let nowMs = 0;
      for (let round = 0; round < 30; round++) {
        for (let steps = random.below(12); steps > 0; steps--) {
          nowMs += random.below(round % 20 === 19 ? 60_000 : 3_000);
          const choices = random.below(1e9);
          const expected = kind.step(memory, new SeededRandom(choices), nowMs);
          expect(kind.step(life.store, new SeededRandom(choices), nowMs)).toEqual(expected);
          if (random.next() < 0.2) life.writeOn(false);
        }
        expect(list(life.store.all())).toEqual(list(memory.all()));
        expect(life.store.size).toBe(memory.size);
        if (random.next() < 0.7) {
          memory.takeChanges();
          life.commit(random.next() < 0.5);
        }
        if (random.next() < 0.5) life.writeOn(random.next() < 0.7);
        if (random.next() < 0.15) {
          const { stored, changes } = life.crash();
          expect(stored).toEqual(list(replayed(kind, life.log.slice(0, changes)).all()));
          memory = replayed(kind, life.log);
          expect(list(life.store.all())).toEqual(list(memory.all()));
        }
      }
      life.end();
    },
  );
});
