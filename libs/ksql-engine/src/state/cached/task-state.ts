import type { StateBackend, StateProgress, StoreProgress } from '../state-backend.js';
import type { StoreFactory } from '../store-factory.js';
import type { CacheBudget } from './cache-budget.js';
import type { CachedStore } from './cached-store.js';
import { CachedJoinBuffer } from './join-buffer.js';
import { CachedKeyValueStore } from './key-value-store.js';
import { CachedPendingOuterRows } from './pending-outer-rows.js';
import { CachedSessionStore } from './session-store.js';
import { CachedWindowStore } from './window-store.js';

/** How long what is committed may wait to be written: a restart reads about that much of the changelogs. */
const WRITE_AFTER_MS = 2_000;
/** Rows between two places where others may take a turn: one or two milliseconds. */
const SLICE_ROWS = 128;

/** A place in a changelog before which everything is in the stores. */
export interface ChangelogPlace {
  readonly topicId: string | undefined;
  readonly offset: number;
}

/**
 * The stores of one task before one backend. Changes stay in memory until they are committed, and are then written together, two seconds' or
 * a half of the cache at a time, with the changelog offsets that belong to them: what a crash leaves is a state that was once committed.
 */
export class TaskState implements StoreFactory {
  readonly #stores = new Map<string, CachedStore>();
  #writtenAtMs = -Infinity;
  #isWriting = false;

  constructor(
    private readonly backend: StateBackend,
    private readonly budget: CacheBudget,
  ) {}

  /** What is stored, undefined when nothing is. */
  get progress(): StateProgress | undefined {
    return this.backend.progress;
  }

  /** Heap that waits to be written. */
  get unwrittenBytes(): number {
    let bytes = 0;
    for (const store of this.#stores.values()) bytes += store.unwrittenBytes;
    return bytes;
  }

  /** On its medium. */
  get storedBytes(): number {
    return this.backend.bytes;
  }

  keyValue(name: string): CachedKeyValueStore {
    return this.#add(name, new CachedKeyValueStore(this.backend, name, this.budget));
  }

  window(name: string, retentionMs: number): CachedWindowStore {
    return this.#add(name, new CachedWindowStore(this.backend, name, this.budget, retentionMs, this.#progressOf(name)));
  }

  session(name: string, retentionMs: number): CachedSessionStore {
    return this.#add(
      name,
      new CachedSessionStore(this.backend, name, this.budget, retentionMs, this.#progressOf(name)),
    );
  }

  joinBuffer(name: string, retentionMs: number): CachedJoinBuffer {
    return this.#add(name, new CachedJoinBuffer(this.backend, name, this.budget, retentionMs, this.#progressOf(name)));
  }

  pendingOuterRows(name: string): CachedPendingOuterRows {
    return this.#add(name, new CachedPendingOuterRows(this.backend, name));
  }

  /** All that the stores' `takeChanges` gave is committed. */
  committed(): void {
    for (const store of this.#stores.values()) store.committed();
  }

  /** More waits than half of the cache: nothing else is to be processed before it is written. */
  get isFull(): boolean {
    return this.unwrittenBytes * 2 > this.budget.bytesMax;
  }

  isWriteDue(nowMs: number): boolean {
    return !this.#isWriting && (nowMs >= this.#writtenAtMs + WRITE_AFTER_MS || this.isFull);
  }

  /**
   * Makes what is committed now a batch, and gives the work of writing it, which is to be done to its end. Control comes back from it
   * often; stores may be used and commits made meanwhile. Nothing when a batch is being written already.
   *
   * @param places of every store, from before the newest commit or right behind it
   * @throws StateFullError, StateCorruptedError, StateUnavailableError (the work); what could not be written waits for the next time
   */
  write(places: ReadonlyMap<string, ChangelogPlace>, nowMs: number): Iterable<void> {
    if (this.#isWriting) return [];
    this.#isWriting = true;
    const stores: Record<string, StoreProgress> = {};
    for (const [name, store] of this.#stores) {
      const place = places.get(name) ?? { topicId: undefined, offset: 0 };
      stores[name] = { ...place, ...store.freeze() };
    }
    return this.#writeBatch({ stores, writtenAtMs: nowMs });
  }

  /** The same in one go. */
  writeNow(places: ReadonlyMap<string, ChangelogPlace>, nowMs: number): void {
    for (const _ of this.write(places, nowMs));
  }

  /** What was not written is lost here, and only here: the changelogs have it. */
  close(): void {
    for (const store of this.#stores.values()) this.budget.leave(store);
    this.backend.close();
  }

  wipe(): void {
    for (const store of this.#stores.values()) this.budget.leave(store);
    this.backend.wipe();
  }

  *#writeBatch(progress: StateProgress): Generator<void> {
    try {
      this.backend.begin();
      let rows = 0;
      for (const store of this.#stores.values()) {
        for (const _ of store.write(this.backend)) if (++rows % SLICE_ROWS === 0) yield;
      }
      this.backend.commit(progress);
      this.#writtenAtMs = progress.writtenAtMs;
      for (const store of this.#stores.values()) store.written();
    } catch (cause) {
      this.backend.abandon();
      for (const store of this.#stores.values()) store.notWritten();
      throw cause;
    } finally {
      this.#isWriting = false;
    }
  }

  #progressOf(name: string): StoreProgress | undefined {
    return this.backend.progress?.stores[name];
  }

  #add<S extends CachedStore>(name: string, store: S): S {
    this.#stores.set(name, store);
    this.budget.join(store);
    return store;
  }
}
