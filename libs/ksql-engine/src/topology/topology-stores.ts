import { decodeChange, encodeChange } from '../state/change-codec.js';
import { storeKey } from '../state/store-key.js';
import type { StoreChange, TrackedStore } from '../state/store.js';
import type { Row } from '../types/sql-value.js';
import type { TableRow, TableView } from './table-view.js';
import type { StoredRow, TopologyStore } from './topology.js';

/** A store of an operator under its name in the query. Every one has a changelog: a restart needs nothing else. */
export class OperatorStore implements TopologyStore {
  readonly hasChangelog = true;

  constructor(
    readonly name: string,
    private readonly store: TrackedStore,
  ) {}

  get size(): number {
    return this.store.size;
  }

  takeChanges(): readonly StoreChange[] {
    return this.store.takeChanges();
  }

  restore(change: StoreChange): void {
    this.store.restore(change);
  }

  encode(change: StoreChange): { readonly key: Uint8Array; readonly value: Uint8Array | null } {
    return encodeChange(change);
  }

  decode(key: Uint8Array, value: Uint8Array | null): StoreChange {
    return decodeChange(key, value);
  }

  *entries(): Iterable<StoredRow> {
    yield* this.store.all();
  }

  *find(key: Row): Iterable<StoredRow> {
    const wanted = storeKey(key);
    for (const row of this.store.all()) if (row.key === wanted) yield row;
  }
}

/** The query's result table: a view, so there is nothing to log or to restore. */
export class ResultStore implements TopologyStore {
  readonly name = 'Result';
  readonly hasChangelog = false;

  constructor(private readonly view: TableView) {}

  get size(): number {
    let count = 0;
    for (const _ of this.view.all()) count++;
    return count;
  }

  takeChanges(): readonly StoreChange[] {
    return [];
  }

  restore(): void {}

  encode(change: StoreChange): { readonly key: Uint8Array; readonly value: Uint8Array | null } {
    return encodeChange(change);
  }

  decode(key: Uint8Array, value: Uint8Array | null): StoreChange {
    return decodeChange(key, value);
  }

  *entries(): Iterable<StoredRow> {
    for (const record of this.view.all()) yield storedRow(record);
  }

  *find(key: Row): Iterable<StoredRow> {
    for (const record of this.view.find(key)) yield storedRow(record);
  }
}

function storedRow({ key, value, timestamp, windowStart, windowEnd }: TableRow): StoredRow {
  return { keyRow: key, value, timestamp, windowStart, windowEnd };
}
