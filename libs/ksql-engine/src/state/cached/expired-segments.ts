import type { StateBackend, StateTable } from '../state-backend.js';
import type { StoreChange } from '../store.js';

/** Tombstones that one commit takes at most, so that a large segment is no large transaction. */
const TOMBSTONES_MAX = 10_000;

interface ExpiredSegment {
  readonly table: StateTable;
  /** One per row that the changelog may hold. */
  readonly tombstones: Iterator<StoreChange>;
}

/**
 * The end of segments: nobody sees their rows any more, but a compacted changelog keeps each until its tombstone is written. They are
 * read off a part at a time; when the last tombstones of a segment are committed, its table is dropped whole. A process that ends before
 * that begins with the segment anew.
 */
export class ExpiredSegments {
  #queue: ExpiredSegment[] = [];
  #taken: StateTable[] = [];
  #committed: StateTable[] = [];
  #batch: StateTable[] = [];

  add(table: StateTable, tombstones: Iterable<StoreChange>): void {
    this.#queue.push({ table, tombstones: tombstones[Symbol.iterator]() });
  }

  take(into: StoreChange[]): void {
    for (let count = 0; count < TOMBSTONES_MAX; count++) {
      const segment = this.#queue[0];
      if (segment === undefined) return;
      const next = segment.tombstones.next();
      if (next.done === true) {
        this.#queue.shift();
        this.#taken.push(segment.table);
      } else into.push(next.value);
    }
  }

  committed(): void {
    this.#committed.push(...this.#taken);
    this.#taken = [];
  }

  freeze(): void {
    this.#batch = this.#committed;
    this.#committed = [];
  }

  write(backend: StateBackend): void {
    for (const table of this.#batch) backend.drop(table);
  }

  written(): void {
    this.#batch = [];
  }

  notWritten(): void {
    this.#committed.unshift(...this.#batch);
    this.#batch = [];
  }
}
