import { HAS_KEY, HAS_OLD, HAS_VALUE, type EvaluationBatch } from '../expression/evaluator.js';
import type { RecordHeader } from '../ports/record-header.js';
import { rowAt, type Vector, sameNumbers } from '../types/vector.js';
import type { Row } from '../types/sql-value.js';

export { HAS_KEY, HAS_OLD, HAS_VALUE, type RecordHeader };

/**
 * A run of records between operators, by columns. For a table each is a change: `values` is the new row (HAS_VALUE unset: deleted)
 * and `olds` the row before it (HAS_OLD unset: there was none); streams have no `olds`.
 *
 * Vectors are shared between batches and never written to once a batch was handed on: a filter makes a new list of rows, a
 * projection new value vectors, and everything else stays the same array.
 */
export class RecordBatch implements EvaluationBatch {
  constructor(
    readonly size: number,
    readonly rows: readonly number[],
    readonly count: number,
    readonly flags: readonly number[],
    /** No vectors when there is no key; the window's bounds are not among them. */
    readonly keys: readonly Vector[],
    readonly values: readonly Vector[],
    /** Undefined when no record has a row before it. */
    readonly olds: readonly Vector[] | undefined,
    /** Event time, ms. */
    readonly timestamps: readonly number[],
    /** Bounds of the key's window, ms; -1 when not windowed. */
    readonly windowStarts: readonly number[],
    readonly windowEnds: readonly number[],
    /** Of the input record that led here; they travel to the sink. */
    readonly headers: readonly (readonly RecordHeader[])[],
    /** Of the source record, for ROWPARTITION, ROWOFFSET and the processing log. */
    readonly partitions: readonly number[],
    readonly offsets: readonly number[],
  ) {}

  /** The same records with fewer of its rows. */
  withRows(rows: readonly number[], count: number): RecordBatch {
    return this.with({ rows, count });
  }

  with(changed: Changed): RecordBatch {
    return new RecordBatch(
      this.size,
      changed.rows ?? this.rows,
      changed.count ?? this.count,
      changed.flags ?? this.flags,
      changed.keys ?? this.keys,
      changed.values ?? this.values,
      'olds' in changed ? changed.olds : this.olds,
      changed.timestamps ?? this.timestamps,
      changed.windowStarts ?? this.windowStarts,
      changed.windowEnds ?? this.windowEnds,
      this.headers,
      this.partitions,
      this.offsets,
    );
  }

  /** The same records with the old rows as values, for expressions over the rows before the changes. */
  before(): RecordBatch {
    const flags: number[] = sameNumbers(this.size, 0);
    for (let n = 0; n < this.count; n++) {
      const at = this.rows[n] as number;
      const has = this.flags[at] as number;
      flags[at] = (has & HAS_KEY) | ((has & HAS_OLD) === 0 ? 0 : HAS_VALUE);
    }
    return this.with({ flags, values: this.olds ?? [], olds: undefined });
  }

  hasKey(at: number): boolean {
    return ((this.flags[at] as number) & HAS_KEY) !== 0;
  }
  hasValue(at: number): boolean {
    return ((this.flags[at] as number) & HAS_VALUE) !== 0;
  }
  hasOld(at: number): boolean {
    return ((this.flags[at] as number) & HAS_OLD) !== 0;
  }

  /** The key columns of a row, to be kept; null for a record without a key. */
  keyAt(at: number): Row | null {
    return this.hasKey(at) ? rowAt(this.keys, at) : null;
  }
  valueAt(at: number): Row | null {
    return this.hasValue(at) ? rowAt(this.values, at) : null;
  }
  oldAt(at: number): Row | null {
    return this.hasOld(at) && this.olds !== undefined ? rowAt(this.olds, at) : null;
  }

  /** The columns that identify a table's row: its key, and the window's bounds when it has one. */
  identityAt(at: number): Row {
    const key = rowAt(this.keys, at);
    const start = this.windowStarts[at] as number;
    return start === -1 ? key : [...key, start, this.windowEnds[at] as number];
  }
}

type Changed = Partial<
  Pick<
    RecordBatch,
    'rows' | 'count' | 'flags' | 'keys' | 'values' | 'olds' | 'timestamps' | 'windowStarts' | 'windowEnds'
  >
>;

const everyRow: number[] = [];
const noWindow: number[] = [];

/** 0, 1, 2… at least so many. Shared: never written to. */
export function allRows(count: number): readonly number[] {
  for (let row = everyRow.length; row < count; row++) everyRow.push(row);
  return everyRow;
}

/** Bounds of windows for records that have none. Shared: never written to. */
export function unwindowed(count: number): readonly number[] {
  for (let row = noWindow.length; row < count; row++) noWindow.push(-1);
  return noWindow;
}
