import { compileExpression, compilePredicate } from '../expression/compile.js';
import type { EvaluationErrors, EvaluationRecord, Evaluator } from '../expression/evaluator.js';
import type { FunctionContext, FunctionRegistry } from '../functions/function.js';
import type { SqlValue } from '../types/sql-value.js';
import type { PullPlan, ResultColumn } from './planned-statement.js';

/** What a pull query asks of each row. Plain data, so that it can be sent to another thread. */
export interface PullEvaluationRequest {
  readonly predicate: PullPlan['predicate'];
  readonly columns: PullPlan['columns'];
  /** Everything that functions may ask for, the request's own properties on top of the server's. */
  readonly properties: Readonly<Record<string, string>>;
  /** One moment for all rows of the answer. */
  readonly nowMs: number;
}

/** A row that passed: its place among the rows that were given, and the answer's columns. */
export interface EvaluatedRow {
  readonly at: number;
  readonly values: readonly SqlValue[];
}

export interface PullEvaluation {
  /**
   * The rows that pass, in order. Failures of expressions are reported and give NULL.
   * @throws KsqlError when it takes more time or memory than a query may
   */
  evaluate(rows: readonly EvaluationRecord[]): Promise<readonly EvaluatedRow[]>;
  close(): void;
}

export type OpenPullEvaluation = (request: PullEvaluationRequest, errors: EvaluationErrors) => PullEvaluation;

export type RowEvaluator = (rows: readonly EvaluationRecord[]) => readonly EvaluatedRow[];

/** Compiles a request; what comes out runs on the thread of its caller. */
export function compilePullEvaluation(
  { predicate, columns }: Pick<PullEvaluationRequest, 'predicate' | 'columns'>,
  functions: FunctionRegistry,
  context: FunctionContext,
  errors: EvaluationErrors,
): RowEvaluator {
  const passes = predicate ? compilePredicate(predicate, functions, context, errors) : () => true;
  const readers = columns.map((column): Evaluator =>
    'expression' in column ? compileExpression(column.expression, functions, context, errors) : placeReader(column),
  );
  return (rows) => rows.flatMap((row, at) => (passes(row) ? [{ at, values: readers.map((read) => read(row)) }] : []));
}

/** Whether rows are only looked at: reading columns costs less than sending them anywhere. */
export const readsColumnsOnly = ({
  predicate,
  columns,
}: Pick<PullEvaluationRequest, 'predicate' | 'columns'>): boolean =>
  predicate === undefined && columns.every((column) => !('expression' in column));

function placeReader(column: ResultColumn): Evaluator {
  const { place } = column;
  switch (place.part) {
    case 'key':
      return (record) => record.key?.[place.index] ?? null;
    case 'value':
      return (record) => record.value?.[place.index] ?? null;
    case 'windowStart':
      return (record) => record.windowStart;
    case 'windowEnd':
      return (record) => record.windowEnd;
    case 'rowtime':
      return (record) => record.timestamp;
  }
}
