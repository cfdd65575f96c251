import { describe, expect, it } from '@jest/globals';
import type { StoreChange, WindowedEntry } from '../store.js';
import { MemoryWindowStore } from './window-store.js';

const MINUTE_MS = 60_000;
const window = (key: string, windowStart: number, value = 1): WindowedEntry => {
  return { key, keyRow: [key], windowStart, windowEnd: windowStart + 10, value: [value], timestamp: windowStart };
};
const storeOf = (retentionMs: number, ...entries: readonly WindowedEntry[]): MemoryWindowStore => {
  const store = new MemoryWindowStore(retentionMs);
  for (const entry of entries) store.put(entry);
  return store;
};
const named = (entries: Iterable<WindowedEntry>): readonly string[] =>
  Array.from(entries, ({ key, windowStart }) => `${key}${windowStart}`);
const deletionOf = ({ key, keyRow, windowStart, windowEnd }: WindowedEntry): StoreChange => {
  return { key, keyRow, windowStart, windowEnd, entry: null };
};
const additionOf = ({ value, timestamp, ...place }: WindowedEntry): StoreChange => {
  return { ...place, entry: { value, timestamp } };
};

describe('the windows of a store', () => {
  const mixed = [window('b', 200), window('a', 1000), window('a', 200), window('a', 30), window('c', 90)];

  it('are found for one key between two starts, both included, by start', () => {
    const store = storeOf(MINUTE_MS, ...mixed);
    expect(named(store.fetch('a', 30, 1000))).toEqual(['a30', 'a200', 'a1000']);
    expect(named(store.fetch('a', 31, 999))).toEqual(['a200']);
    expect(named(store.fetch('b', 201, 1000))).toEqual([]);
    expect(named(store.fetch('nobody', 0, 1000))).toEqual([]);
  });

  it('are found for all keys by start, then by arrival', () => {
    const store = storeOf(MINUTE_MS, ...mixed);
    expect(named(store.fetchAll(90, 200))).toEqual(['c90', 'b200', 'a200']);
    expect(named(store.fetchAll(91, 199))).toEqual([]);
    expect(named(store.all())).toEqual(['a30', 'c90', 'b200', 'a200', 'a1000']);
  });

  it('are left out once deleted, also before the deletion was reported', () => {
    const store = storeOf(MINUTE_MS, ...mixed);
    store.delete('a', 200);
    expect(named(store.fetch('a', 0, 1000))).toEqual(['a30', 'a1000']);
    expect(named(store.fetchAll(0, 1000))).toEqual(['a30', 'c90', 'b200', 'a1000']);
    expect(named(store.all())).toEqual(['a30', 'c90', 'b200', 'a1000']);
  });

  it('may be deleted by who walks through them', () => {
    const store = new MemoryWindowStore(MINUTE_MS, false);
    for (const entry of [window('a', 0), window('b', 10), window('c', 20)]) store.put(entry);
    const seen: string[] = [];
    for (const { key } of store.all()) {
      seen.push(key);
      store.delete('b', 10);
    }
    expect(seen).toEqual(['a', 'c']);
  });
});

describe('a window as old as the retention', () => {
  // Segments are a minute long: `old` is in the first, the others in the second.
  const aged = (): MemoryWindowStore =>
    storeOf(2 * MINUTE_MS, window('old', MINUTE_MS - 1), window('edge', MINUTE_MS), window('new', MINUTE_MS + 1));

  it('is seen by EMIT FINAL, by no query, and the one a moment younger by both', () => {
    const store = aged();
    store.put(window('now', 3 * MINUTE_MS));
    expect(['old', 'edge', 'new'].map((key) => store.fetch(key, 0, 2 * MINUTE_MS).length)).toEqual([0, 0, 1]);
    expect(named(store.fetchAll(0, 2 * MINUTE_MS))).toEqual([`edge${MINUTE_MS}`, `new${MINUTE_MS + 1}`]);
    expect(named(store.all())).toEqual([`new${MINUTE_MS + 1}`, `now${3 * MINUTE_MS}`]);
  });

  it('takes no part in EMIT FINAL when it is older, though its segment is held', () => {
    const store = storeOf(2 * MINUTE_MS, window('a', 10), window('b', 20));
    store.put(window('now', 2 * MINUTE_MS + 15));
    expect(named(store.fetchAll(0, MINUTE_MS))).toEqual(['b20']);
    expect(store.size).toBe(3);
  });

  it('goes with its segment, once, and what lives stays', () => {
    const store = aged();
    store.delete('old', MINUTE_MS - 1);
    store.put(window('now', 3 * MINUTE_MS));
    expect(store.size).toBe(3);
    store.put(window('late', MINUTE_MS - 1));
    expect(store.size).toBe(3);
    expect(store.get('late', MINUTE_MS - 1)).toBeUndefined();
  });
});

describe('what was deleted', () => {
  it('is counted once, however often it is deleted, and nothing else is', () => {
    const store = storeOf(MINUTE_MS, window('a', 0), window('b', 0));
    store.delete('a', 0);
    store.delete('a', 0);
    store.delete('b', 77);
    store.delete('c', 0);
    expect(store.size).toBe(1);
  });

  it('gives up its place when the deletion was reported; what comes later stands behind the others', () => {
    const store = storeOf(MINUTE_MS, window('a', 0), window('b', 0));
    store.delete('a', 0);
    store.put(window('a', 0));
    expect(named(store.all())).toEqual(['a0', 'b0']);
    store.delete('a', 0);
    store.takeChanges();
    store.put(window('a', 0));
    expect(named(store.all())).toEqual(['b0', 'a0']);
  });

  it('gives up its place at once where nobody asks for changes', () => {
    const store = new MemoryWindowStore(MINUTE_MS, false);
    for (const key of ['a', 'b']) store.put(window(key, 0));
    store.delete('a', 0);
    store.put(window('a', 0));
    expect(named(store.all())).toEqual(['b0', 'a0']);
    expect(store.takeChanges()).toEqual([]);
  });
});

describe('a changelog that is read back', () => {
  it('drops the segments that died meanwhile, so that the memory holds what a running store would', () => {
    const store = new MemoryWindowStore(MINUTE_MS);
    store.restore(additionOf(window('a', 0)));
    store.restore(additionOf(window('b', 90_000)));
    expect([store.size, store.get('a', 0) !== undefined]).toEqual([2, true]);
    store.restore(additionOf(window('c', 2 * MINUTE_MS)));
    expect([store.size, store.get('a', 0)]).toEqual([2, undefined]);
  });

  it('may delete what is not there', () => {
    const store = storeOf(MINUTE_MS, window('a', 0));
    store.restore(deletionOf(window('a', 500)));
    store.restore(deletionOf(window('b', 0)));
    expect([store.size, named(store.all())]).toEqual([1, ['a0']]);
  });

  it('does not count twice what was deleted here too', () => {
    const store = storeOf(MINUTE_MS, window('a', 0), window('b', 0));
    store.delete('a', 0);
    store.restore(deletionOf(window('a', 0)));
    expect(store.size).toBe(1);
  });

  it('deletes an older entry, and not the one that came after', () => {
    const store = storeOf(MINUTE_MS, window('a', 0, 1));
    store.delete('a', 0);
    store.restore(deletionOf(window('a', 0)));
    store.put(window('a', 0, 2));
    store.takeChanges();
    expect(store.get('a', 0)?.value).toEqual([2]);
  });
});
