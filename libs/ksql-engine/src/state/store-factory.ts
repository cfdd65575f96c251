import { MemoryJoinBuffer } from './memory/join-buffer.js';
import { MemoryKeyValueStore } from './memory/key-value-store.js';
import { MemoryPendingOuterRows } from './memory/pending-outer-rows.js';
import { MemorySessionStore } from './memory/session-store.js';
import { MemoryWindowStore } from './memory/window-store.js';
import type { JoinBuffer, KeyValueStore, PendingOuterRows, SessionStore, TrackedStore, WindowStore } from './store.js';

/** Where the operators of a query get their stores, by names that are unique in it. */
export interface StoreFactory {
  keyValue(name: string): KeyValueStore & TrackedStore;
  window(name: string, retentionMs: number): WindowStore & TrackedStore;
  session(name: string, retentionMs: number): SessionStore & TrackedStore;
  joinBuffer(name: string, retentionMs: number): JoinBuffer & TrackedStore;
  pendingOuterRows(name: string): PendingOuterRows & TrackedStore;
}

/** Stores in the heap. `isTracking`: whether they remember their changes for `takeChanges`. */
export function memoryStores(isTracking: boolean): StoreFactory {
  return {
    keyValue: () => new MemoryKeyValueStore(isTracking),
    window: (_, retentionMs) => new MemoryWindowStore(retentionMs, isTracking),
    session: (_, retentionMs) => new MemorySessionStore(retentionMs, isTracking),
    joinBuffer: (_, retentionMs) => new MemoryJoinBuffer(retentionMs, isTracking),
    pendingOuterRows: () => new MemoryPendingOuterRows(isTracking),
  };
}
