import type { BoundExpression } from '../../analyze/bound-expression.js';
import type { FunctionContext, FunctionRegistry } from '../../functions/function.js';
import type { SqlValue } from '../../types/sql-value.js';
import type { EvaluationBudget } from '../evaluation-budget.js';
import type { EvaluationErrors, EvaluationRecord } from '../evaluator.js';

/** Evaluates one node. A failure is thrown; it travels up to the next node that turns it into NULL. */
export type Closure = (record: EvaluationRecord) => SqlValue;

/** What the rules of one family of nodes need to make their closures. */
export interface Closing {
  readonly functions: FunctionRegistry;
  readonly context: FunctionContext;
  readonly errors: EvaluationErrors;
  readonly budget: EvaluationBudget;
  readonly isInLambda: boolean;
  /** For the body of a lambda. */
  inLambda(): Closing;
  close(expression: BoundExpression): Closure;
  /** The place where the value of a lambda parameter stands while its lambda runs. */
  cell(name: string): Cell;
}

export interface Cell {
  value: SqlValue;
}
