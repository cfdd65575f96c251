import type { Row, SqlValue } from '../types/sql-value.js';

/** The view of a record that expressions read. `ProcessingRecord` (operators/record.ts) satisfies it. */
export interface EvaluationRecord {
  readonly key: Row | null;
  readonly value: Row | null;
  /** ROWTIME, ms. */
  readonly timestamp: number;
  readonly partition: number;
  readonly offset: number;
  /** WINDOWSTART and WINDOWEND, ms; -1 when the key is not windowed. */
  readonly windowStart: number;
  readonly windowEnd: number;
}

/** Never throws for data: a failing evaluation reports to `EvaluationErrors` and gives null (false for a predicate). */
export type Evaluator = (record: EvaluationRecord) => SqlValue;
export type Predicate = (record: EvaluationRecord) => boolean;

/** Where failures of expressions go: the processing log of the query. */
export interface EvaluationErrors {
  /** `expression`: what failed, as SQL text; `cause`: why; `record`: the input. */
  report(expression: string, cause: unknown, record: EvaluationRecord): void;
}
