import { describe, expect, it } from '@jest/globals';
import type { StoreFactory } from '../state/store-factory.js';
import { storeContract } from './store-contract.js';

const MINUTE_MS = 60_000;
const window = (key: string, value: number, windowStart = 0, windowEnd = 10) => {
  return { key, keyRow: [key], windowStart, windowEnd, value: [value], timestamp: windowStart };
};

/** What all stores of a factory promise; `open` gives a new one, with empty stores. */
export function storesContract(where: string, open: () => StoreFactory): void {
  storeContract(`the key-value store ${where}`, {
    create: () => open().keyValue('s'),
    put: (store, key, value) => store.put(key, [key], [value], 1),
    remove: (store, key) => store.delete(key),
    get: (store, key) => store.get(key)?.value[0] as number | undefined,
  });
  storeContract(`the window store ${where}`, {
    create: () => open().window('s', MINUTE_MS),
    put: (store, key, value) => store.put(window(key, value)),
    remove: (store, key) => store.delete(key, 0, 10),
    get: (store, key) => store.get(key, 0)?.value[0] as number | undefined,
  });
  storeContract(`the session store ${where}`, {
    create: () => open().session('s', MINUTE_MS),
    put: (store, key, value) => store.put(window(key, value)),
    remove: (store, key) => store.delete(key, 0, 10),
    get: (store, key) => store.get(key, 0, 10)?.value[0] as number | undefined,
  });
  storeContract(`the join buffer ${where}`, {
    create: () => open().joinBuffer('s', MINUTE_MS),
    put: (store, key, value) => store.put(key, [key], [value], 5),
    remove: undefined,
    get: (store, key) => store.fetch(key, 0, 10)[0]?.value[0] as number | undefined,
  });
  storeContract(`the pending rows ${where}`, {
    create: () => open().pendingOuterRows('s'),
    put: (store, key, value) => {
      store.delete(key, 5, true);
      store.add(key, [key], [value], 5, true);
    },
    remove: (store, key) => store.delete(key, 5, true),
    get: (store, wanted) =>
      [...store.before(9, 9)].find(({ key }) => key === wanted)?.values[0]?.[0] as number | undefined,
  });

  describe(`expiry ${where}`, () => {
    it('drops whole segments of windows and reports their deletion', () => {
      const store = open().window('s', MINUTE_MS);
      store.put(window('a', 1, 0));
      store.put(window('b', 2, 2 * MINUTE_MS));
      expect(store.takeChanges().map(({ key, entry }) => [key, entry === null])).toEqual([
        ['a', true],
        ['b', false],
      ]);
      expect(store.get('a', 0)).toBeUndefined();
      store.put(window('late', 3, 0));
      expect(store.size).toBe(1);
    });

    it('goes by the store’s own greatest time, so that one side of a join may remember longer', () => {
      const [left, right] = [open().joinBuffer('s', MINUTE_MS), open().joinBuffer('s', MINUTE_MS)];
      left.put('k', ['k'], [1], 0);
      right.put('k', ['k'], [2], 10 * MINUTE_MS);
      expect(left.fetch('k', 0, 10)).toHaveLength(1);
      right.put('k', ['k'], [3], 0);
      expect(right.fetch('k', 0, 10)).toHaveLength(0);
    });

    it('drops sessions by their end', () => {
      const store = open().session('s', MINUTE_MS);
      store.put(window('a', 1, 0, 10));
      store.put(window('b', 1, 0, 3 * MINUTE_MS));
      expect([...store.all()].map(({ key }) => key)).toEqual(['b']);
    });
  });

  describe(`the join buffer ${where}`, () => {
    it('lists records by time, then by arrival', () => {
      const buffer = open().joinBuffer('s', MINUTE_MS);
      for (const [value, time] of [
        [1, 20],
        [2, 10],
        [3, 20],
        [4, 15],
      ] as const) {
        buffer.put('k', ['k'], [value], time);
      }
      expect(buffer.fetch('k', 10, 20).map(({ value }) => value[0])).toEqual([2, 4, 1, 3]);
      expect(buffer.fetch('k', 11, 19).map(({ value }) => value[0])).toEqual([4]);
    });
  });

  describe(`an update of an entry ${where}`, () => {
    it('is one change with the put before it, and is restored as such', () => {
      const [keyed, windowed] = [open().keyValue('s'), open().window('s', MINUTE_MS)];
      keyed.put('a', ['a'], [1], 5);
      windowed.put(window('a', 1));
      const [entry, opened] = [keyed.get('a'), windowed.get('a', 0)];
      if (entry === undefined || opened === undefined) throw new Error('what was put is there');
      keyed.update(entry, [2], 6);
      windowed.update(opened, [2], 6);
      for (const changes of [keyed.takeChanges(), windowed.takeChanges()]) {
        expect(changes).toMatchObject([{ key: 'a', keyRow: ['a'], entry: { value: [2], timestamp: 6 } }]);
      }
      expect([keyed.get('a'), windowed.get('a', 0)]).toMatchObject([{ value: [2] }, { value: [2] }]);
      expect([keyed.takeChanges(), windowed.takeChanges()]).toEqual([[], []]);
    });

    it('leaves the change that was taken before it as it was', () => {
      const store = open().keyValue('s');
      store.put('a', ['a'], [1], 5);
      const [change] = store.takeChanges();
      const entry = store.get('a');
      if (entry !== undefined) store.update(entry, [2], 6);
      expect(change?.entry).toEqual({ value: [1], timestamp: 5 });
    });
  });
}
