import type { StateBackend, StoreProgress } from '../state-backend.js';
import type { TrackedStore } from '../store.js';
import type { Cache } from './cache-budget.js';

/** What a store remembers beside its rows. */
export type StoreClock = Pick<StoreProgress, 'observedMs' | 'sequence'>;

/** A store whose cache stands before a backend, as its task's state drives it (`task-state.ts`). */
export interface CachedStore extends TrackedStore, Cache {
  /** What `takeChanges` has given is committed. */
  committed(): void;
  /** Heap that waits to be written. */
  readonly unwrittenBytes: number;
  /** Makes what is committed now the next batch, which is true together with what it returns. */
  freeze(): StoreClock;
  /** Writes the batch; control comes back after each row. */
  write(backend: StateBackend): Generator<void>;
  written(): void;
  /** Nothing of the batch is stored: it waits for the next. */
  notWritten(): void;
}
