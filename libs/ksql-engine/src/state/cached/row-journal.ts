import type { StateBackend, StateTable } from '../state-backend.js';
import type { StoreChange } from '../store.js';
import { changeOf, type CachedRow } from './cached-row.js';

/** How rows come to a backend. */
interface RowLayout {
  /** Undefined: the row's segment has expired, it need not be written. */
  tableOf(row: CachedRow): StateTable | undefined;
  /** Used before the next call. */
  keyOf(row: CachedRow): Uint8Array;
  encode(change: StoreChange): Uint8Array;
}

/**
 * The way of a change through a cached store: dirty (this moment's, it may yet be undone) → taken (in a transaction under way) →
 * committed (true, but written nowhere but in the changelog) → in a batch → stored. A row is pinned to the cache as long as it stands
 * anywhere here, so the cache is right about it, and a lost process or an aborted transaction loses nothing but this.
 */
export class RowJournal {
  #dirty: CachedRow[] = [];
  #taken: CachedRow[] = [];
  #takenChanges: StoreChange[] = [];
  #committed: CachedRow[] = [];
  #batch: CachedRow[] = [];
  #batchChanges: StoreChange[] = [];
  #wasStored: boolean[] = [];
  #unwrittenBytes = 0;

  constructor(private readonly layout: RowLayout) {}

  /** Of all committed rows that wait for a batch. */
  get unwrittenBytes(): number {
    return this.#unwrittenBytes;
  }

  mark(row: CachedRow): void {
    if (row.isDirty) return;
    row.isDirty = true;
    this.#dirty.push(row);
  }

  take(): StoreChange[] {
    const changes: StoreChange[] = [];
    for (const row of this.#dirty) {
      row.isDirty = false;
      const { value, timestamp } = row;
      const isGone = value === null || this.layout.tableOf(row) === undefined;
      const change = changeOf(row, isGone ? null : { value, timestamp });
      changes.push(change);
      row.waits++;
      this.#taken.push(row);
      this.#takenChanges.push(change);
    }
    this.#dirty = [];
    return changes;
  }

  /** What was taken so far is committed. */
  committed(): void {
    for (let i = 0; i < this.#taken.length; i++) {
      const row = this.#taken[i] as CachedRow;
      row.waits--;
      this.addCommitted(row, this.#takenChanges[i] as StoreChange);
    }
    this.#taken = [];
    this.#takenChanges = [];
  }

  addCommitted(row: CachedRow, change: StoreChange): void {
    if (row.unwritten === undefined) {
      row.waits++;
      this.#unwrittenBytes += row.bytes;
      this.#committed.push(row);
    }
    row.unwritten = change;
  }

  /** Makes what is committed now the next batch. */
  freeze(): void {
    this.#batch = this.#committed;
    this.#batchChanges = this.#batch.map((row) => {
      const change = row.unwritten as StoreChange;
      row.unwritten = undefined;
      return change;
    });
    this.#wasStored = [];
    this.#committed = [];
    this.#unwrittenBytes = 0;
  }

  /** Writes the batch; control comes back after each row. */
  *write(backend: StateBackend): Generator<void> {
    for (let i = 0; i < this.#batch.length; i++) {
      const row = this.#batch[i] as CachedRow;
      const change = this.#batchChanges[i] as StoreChange;
      this.#wasStored.push(row.isStored);
      const table = this.layout.tableOf(row);
      if (table === undefined) continue;
      if (change.entry !== null) backend.put(table, this.layout.keyOf(row), this.layout.encode(change), !row.isStored);
      else if (row.isStored) backend.remove(table, this.layout.keyOf(row));
      row.isStored = change.entry !== null;
      yield;
    }
  }

  /** `onGone` is told of rows that are stored nowhere any more. */
  written(onGone: (row: CachedRow) => void = () => undefined): void {
    for (const row of this.#batch) {
      row.waits--;
      if (row.value === null && !row.isPinned) onGone(row);
    }
    this.#batch = [];
    this.#batchChanges = [];
  }

  /** Nothing of the batch was written: it waits for the next. */
  notWritten(): void {
    for (let i = 0; i < this.#batch.length; i++) {
      const row = this.#batch[i] as CachedRow;
      row.isStored = this.#wasStored[i] ?? row.isStored;
      row.waits--;
      if (row.unwritten === undefined) this.addCommitted(row, this.#batchChanges[i] as StoreChange);
    }
    this.#batch = [];
    this.#batchChanges = [];
  }
}
