import type { EvaluationRecord, Evaluator, Predicate } from '../expression/evaluator.js';
import { joinTableRows, type TableJoinType } from '../operators/join/table-table-join.js';
import type { RowJoiner } from '../operators/join/joined-row.js';
import type { ForeignKeyJoin } from '../operators/join/foreign-key/foreign-key-join.js';
import type { Aggregation } from '../operators/aggregate/aggregation.js';
import { storeKey } from '../state/store-key.js';
import type { KeyValueStore, Timestamped, TrackedStore, WindowedEntry } from '../state/store.js';
import type { Row, SqlValue } from '../types/sql-value.js';

/** A present row of a table. */
export interface TableRow extends EvaluationRecord {
  readonly key: Row;
  readonly value: Row;
}

/**
 * The present rows of a node's table, computed from the stores below it when somebody looks. Nothing is kept twice, and a
 * restored store is a restored view.
 */
export interface TableView {
  all(): Iterable<TableRow>;
  /** Rows of one key: at most one, or one per window. */
  find(key: Row): Iterable<TableRow>;
}

function row(key: Row, value: Row, timestamp: number, windowStart = -1, windowEnd = -1): TableRow {
  return { key, value, timestamp, windowStart, windowEnd, partition: -1, offset: -1 };
}

/** Rows as a store by key holds them; `keyCount` key columns, then the window's bounds where the key has one. */
export class KeyedView implements TableView {
  constructor(
    private readonly store: KeyValueStore,
    private readonly keyCount: number,
    private readonly isWindowed: boolean,
    private readonly resultOf: (state: Row) => Row,
  ) {}

  *all(): Iterable<TableRow> {
    for (const [, keyRow, entry] of this.store.entries()) yield this.rowOf(keyRow, entry);
  }

  *find(key: Row): Iterable<TableRow> {
    if (this.isWindowed) {
      yield* scanFor(this, key);
      return;
    }
    const entry = this.store.get(storeKey(key));
    if (entry !== undefined) yield this.rowOf(key, entry);
  }

  private rowOf(keyRow: Row, { value, timestamp }: Timestamped): TableRow {
    const result = this.resultOf(value);
    if (!this.isWindowed) return row(keyRow, result, timestamp);
    const bounds = keyRow.slice(this.keyCount) as readonly number[];
    return row(keyRow.slice(0, this.keyCount), result, timestamp, bounds[0], bounds[1]);
  }
}

/** Rows of a windowed aggregation. */
export class WindowedView implements TableView {
  constructor(
    private readonly store: TrackedStore,
    /** The windows of one key, by the key's text. */
    private readonly windowsOf: (key: string) => readonly WindowedEntry[],
    private readonly aggregation: Aggregation,
  ) {}

  *all(): Iterable<TableRow> {
    for (const entry of this.store.all()) yield this.rowOf(entry);
  }

  *find(key: Row): Iterable<TableRow> {
    for (const entry of this.windowsOf(storeKey(key))) yield this.rowOf(entry);
  }

  private rowOf({ keyRow, value, timestamp, windowStart, windowEnd }: WindowedEntry): TableRow {
    return row(keyRow, this.aggregation.result(value), timestamp, windowStart, windowEnd);
  }
}

export class FilteredView implements TableView {
  constructor(
    private readonly input: TableView,
    private readonly predicate: Predicate,
  ) {}

  *all(): Iterable<TableRow> {
    for (const record of this.input.all()) if (this.predicate(record)) yield record;
  }

  *find(key: Row): Iterable<TableRow> {
    for (const record of this.input.find(key)) if (this.predicate(record)) yield record;
  }
}

export class ProjectedView implements TableView {
  /** Per input key column the output column that bears it; undefined when one was left out. */
  private readonly inputKey: readonly number[] | undefined;

  constructor(
    private readonly input: TableView,
    private readonly values: readonly Evaluator[],
    private readonly keyColumns: readonly number[],
    inputKeyCount: number,
  ) {
    const places = Array.from({ length: inputKeyCount }, (_, column) => keyColumns.indexOf(column));
    this.inputKey = places.includes(-1) ? undefined : places;
  }

  *all(): Iterable<TableRow> {
    for (const record of this.input.all()) yield this.rowOf(record);
  }

  *find(key: Row): Iterable<TableRow> {
    if (this.inputKey === undefined) {
      yield* scanFor(this, key);
      return;
    }
    const inputKey = this.inputKey.map((place) => key[place] ?? null);
    for (const record of this.input.find(inputKey)) yield this.rowOf(record);
  }

  private rowOf(record: TableRow): TableRow {
    const key = this.keyColumns.map((column) => record.key[column] as SqlValue);
    return { ...record, key, value: this.values.map((evaluate) => evaluate(record)) };
  }
}

/** Rows of a primary-key join. */
export class TableTableJoinView implements TableView {
  constructor(
    private readonly type: TableJoinType,
    private readonly joiner: RowJoiner,
    private readonly left: KeyValueStore,
    private readonly right: KeyValueStore,
    private readonly keyCount: number,
  ) {}

  *all(): Iterable<TableRow> {
    for (const [keyText, keyRow, left] of this.left.entries()) yield* this.rowOf(keyRow, left, this.right.get(keyText));
    for (const [keyText, keyRow, right] of this.right.entries()) {
      if (this.left.get(keyText) === undefined) yield* this.rowOf(keyRow, undefined, right);
    }
  }

  *find(key: Row): Iterable<TableRow> {
    const keyText = storeKey(key);
    yield* this.rowOf(key, this.left.get(keyText), this.right.get(keyText));
  }

  private *rowOf(keyRow: Row, left: Timestamped | undefined, right: Timestamped | undefined): Iterable<TableRow> {
    const value = joinTableRows(this.type, this.joiner, left?.value ?? null, right?.value ?? null);
    if (value === null) return;
    const timestamp = Math.max(left?.timestamp ?? -1, right?.timestamp ?? -1);
    const bounds = keyRow.slice(this.keyCount) as readonly number[];
    yield row(keyRow.slice(0, this.keyCount), value, timestamp, bounds[0], bounds[1]);
  }
}

/** Rows of a foreign-key join, by left key. */
export class ForeignKeyJoinView implements TableView {
  constructor(
    private readonly join: ForeignKeyJoin,
    private readonly left: KeyValueStore,
  ) {}

  *all(): Iterable<TableRow> {
    for (const [, keyRow, entry] of this.left.entries()) yield* this.rowOf(keyRow, entry);
  }

  *find(key: Row): Iterable<TableRow> {
    const entry = this.left.get(storeKey(key));
    if (entry !== undefined) yield* this.rowOf(key, entry);
  }

  private *rowOf(keyRow: Row, entry: Timestamped): Iterable<TableRow> {
    const { value, timestamp } = this.join.joinLeft(keyRow, entry);
    if (value !== null) yield row(keyRow, value, timestamp);
  }
}

function* scanFor(view: TableView, key: Row): Iterable<TableRow> {
  const keyText = storeKey(key);
  for (const record of view.all()) if (storeKey(record.key) === keyText) yield record;
}
