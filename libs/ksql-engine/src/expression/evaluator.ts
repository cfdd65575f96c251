import type { Row, SqlValue } from '../types/sql-value.js';
import type { Vector } from '../types/vector.js';

/** Where a record came from. */
export interface RecordPlace {
  readonly partition: number;
  readonly offset: number;
}

/** One record as an expression reads it where records come one by one: pull queries, INSERT VALUES, rows that a store holds. */
export interface EvaluationRecord extends RecordPlace {
  readonly key: Row | null;
  readonly value: Row | null;
  /** ROWTIME, ms. */
  readonly timestamp: number;
  /** WINDOWSTART and WINDOWEND, ms; -1 when the key is not windowed. */
  readonly windowStart: number;
  readonly windowEnd: number;
}

/** What a row of a batch has, as bits. */
export const HAS_KEY = 1;
export const HAS_VALUE = 2;
/** For a change of a table: there was a row before it. */
export const HAS_OLD = 4;

/** The columns of a batch that expressions read. `RecordBatch` (operators/record-batch.ts) satisfies it. */
export interface EvaluationBatch {
  /** Room for so many rows; every vector has at least this length. */
  readonly size: number;
  /** The rows that are in the batch, in order: the first `count` entries. */
  readonly rows: readonly number[];
  readonly count: number;
  /** Per row HAS_KEY, HAS_VALUE and HAS_OLD. What a row does not have stands in its vectors as anything. */
  readonly flags: readonly number[];
  readonly keys: readonly Vector[];
  readonly values: readonly Vector[];
  readonly timestamps: readonly number[];
  readonly windowStarts: readonly number[];
  readonly windowEnds: readonly number[];
  readonly partitions: readonly number[];
  readonly offsets: readonly number[];
}

/** Never throws for data: a failing evaluation reports to `EvaluationErrors` and gives null (false for a predicate). */
export type Evaluator = (record: EvaluationRecord) => SqlValue;
export type Predicate = (record: EvaluationRecord) => boolean;

/**
 * Evaluates several expressions over all rows of a batch, row by row, and gives one vector for each. Rows without a value get null,
 * unless the projection was made for every row. Never throws for data.
 */
export type Projection = (batch: EvaluationBatch) => readonly Vector[];
/** Puts the rows with a value for which a condition is true into `passing`, in order, and gives their number. */
export type Selection = (batch: EvaluationBatch, passing: number[]) => number;

/** Where failures of expressions go: the processing log of the query. */
export interface EvaluationErrors {
  /** `expression`: what failed, as SQL text; `cause`: why; `place`: the input that led to it. */
  report(expression: string, cause: unknown, place: RecordPlace): void;
}

export function placeOf(batch: Pick<EvaluationBatch, 'partitions' | 'offsets'>, at: number): RecordPlace {
  return { partition: batch.partitions[at] as number, offset: batch.offsets[at] as number };
}
