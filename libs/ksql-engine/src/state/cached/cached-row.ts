import type { Row } from '../../types/sql-value.js';
import type { StoreChange, Timestamped, WindowedEntry } from '../store.js';
import type { CacheUnit } from './generations.js';
import { heapBytes } from './row-bytes.js';

/** A place in a store, with what is in it now: the entry that `get` gives. A place known to be empty has the value null. */
export class CachedRow implements CacheUnit {
  isDirty = false;
  /** The newest change that is committed and not written; see `row-journal.ts`. */
  unwritten: StoreChange | undefined;
  /** In how many lists of the journal it stands. */
  waits = 0;
  readonly bytes: number;

  constructor(
    readonly key: string,
    public keyRow: Row,
    readonly windowStart: number,
    /** -1 in a place that was empty when it was read. */
    public windowEnd: number,
    public value: Row | null,
    public timestamp: number,
    /** The backend has a row at this place. */
    public isStored: boolean,
  ) {
    this.bytes = heapBytes(key, keyRow, value ?? []);
  }

  get isPinned(): boolean {
    return this.isDirty || this.waits > 0;
  }
}

/** The entry in a place, undefined when it is empty. */
export function entryIn(row: CachedRow | undefined): WindowedEntry | undefined {
  return row === undefined || row.value === null ? undefined : (row as WindowedEntry);
}

export function changeOf({ key, keyRow, windowStart, windowEnd }: CachedRow, entry: Timestamped | null): StoreChange {
  return { key, keyRow, windowStart, windowEnd, entry };
}
