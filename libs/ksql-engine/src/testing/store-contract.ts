import { describe, expect, it } from '@jest/globals';
import { decodeChange, encodeChange } from '../state/change-codec.js';
import type { StoreChange, TrackedStore } from '../state/store.js';

/** One step on a store under test, by a small key and value. */
export interface StoreSteps<S extends TrackedStore> {
  readonly create: () => S;
  readonly put: (store: S, key: string, value: number) => void;
  readonly remove: ((store: S, key: string) => void) | undefined;
  /** What `put` stored, or undefined. */
  readonly get: (store: S, key: string) => number | undefined;
}

/** What every store promises to changelogs and restores. */
export function storeContract<S extends TrackedStore>(name: string, steps: StoreSteps<S>): void {
  const { create, put, remove, get } = steps;
  const throughChangelog = (changes: readonly StoreChange[], store = create()): S => {
    for (const change of changes) {
      const { key, value } = encodeChange(change);
      store.restore(decodeChange(key, value));
    }
    return store;
  };

  describe(`${name} keeps the store contract`, () => {
    it('gives back what was put and counts it once', () => {
      const store = create();
      put(store, 'a', 1);
      put(store, 'b', 2);
      expect([get(store, 'a'), get(store, 'b'), get(store, 'c')]).toEqual([1, 2, undefined]);
      expect(store.size).toBe(2);
      expect([...store.all()].map(({ keyRow }) => keyRow)).toEqual([['a'], ['b']]);
    });

    it('reports each change once', () => {
      const store = create();
      put(store, 'a', 1);
      expect(store.takeChanges()).toMatchObject([{ key: 'a', keyRow: ['a'] }]);
      expect(store.takeChanges()).toEqual([]);
    });

    it('is the same after its changelog was read, and reports nothing of it', () => {
      const store = create();
      put(store, 'a', 1);
      put(store, 'b', 2);
      const restored = throughChangelog(store.takeChanges());
      expect([get(restored, 'a'), get(restored, 'b')]).toEqual([1, 2]);
      expect(restored.size).toBe(2);
      expect(restored.takeChanges()).toEqual([]);
      put(restored, 'c', 3);
      expect(restored.takeChanges()).toHaveLength(1);
    });

    if (remove === undefined) return;

    it('reports one change per key, the newest', () => {
      const store = create();
      put(store, 'a', 1);
      put(store, 'a', 2);
      expect(store.takeChanges()).toHaveLength(1);
      put(store, 'a', 3);
      remove(store, 'a');
      expect(store.takeChanges()).toMatchObject([{ key: 'a', entry: null }]);
      expect(store.size).toBe(0);
      put(store, 'a', 4);
      remove(store, 'a');
      put(store, 'a', 5);
      const changes = store.takeChanges();
      expect(changes).toHaveLength(1);
      expect(get(throughChangelog(changes), 'a')).toBe(5);
    });

    it('forgets what was removed, also through its changelog', () => {
      const store = create();
      put(store, 'a', 1);
      put(store, 'b', 2);
      const restored = throughChangelog(store.takeChanges());
      remove(store, 'a');
      remove(store, 'unknown');
      throughChangelog(store.takeChanges(), restored);
      for (const each of [store, restored]) {
        expect(get(each, 'a')).toBeUndefined();
        expect(each.size).toBe(1);
        expect([...each.all()]).toHaveLength(1);
      }
    });
  });
}
