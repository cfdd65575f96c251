import type { BoundExpression } from '../analyze/bound-expression.js';
import { formatBound } from '../analyze/format-bound.js';
import type { FunctionContext, FunctionRegistry } from '../functions/function.js';
import { closeExpression } from './closures/close.js';
import type { EvaluationErrors, Evaluator, Predicate } from './evaluator.js';

/** An expression ready to run on records. A failure is reported once and gives NULL. */
export function compileExpression(
  expression: BoundExpression,
  functions: FunctionRegistry,
  context: FunctionContext,
  errors: EvaluationErrors,
): Evaluator {
  const evaluate = closeExpression(expression, functions, context, errors);
  const text = formatBound(expression);
  return (record) => {
    try {
      return evaluate(record);
    } catch (cause) {
      errors.report(text, cause, record);
      return null;
    }
  };
}

/** A condition ready to run on records. A failure is reported once and is false, as is NULL. */
export function compilePredicate(
  expression: BoundExpression,
  functions: FunctionRegistry,
  context: FunctionContext,
  errors: EvaluationErrors,
): Predicate {
  const evaluate = compileExpression(expression, functions, context, errors);
  return (record) => evaluate(record) === true;
}
