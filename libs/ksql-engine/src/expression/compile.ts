import type { BoundExpression } from '../analyze/bound-expression.js';
import { formatBound } from '../analyze/format-bound.js';
import type { FunctionContext, FunctionRegistry } from '../functions/function.js';
import { closeExpression } from './closures/close.js';
import { generateEvaluator } from './code/generate.js';
import type { EvaluationErrors, Evaluator, Predicate } from './evaluator.js';

type Compile = (
  expression: BoundExpression,
  functions: FunctionRegistry,
  context: FunctionContext,
  errors: EvaluationErrors,
) => Evaluator;

/** An expression ready to run on records. A failure is reported once and gives NULL. */
export const compileExpression: Compile = (expression, functions, context, errors) =>
  (canGenerateCode() ? generateEvaluator : interpretExpression)(expression, functions, context, errors);

/** The same without generated code: slower, for places that forbid it, and as judge in tests. */
export const interpretExpression: Compile = (expression, functions, context, errors) => {
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
};

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

let isCodeAllowed: boolean | undefined;

/** False under `--disallow-code-generation-from-strings`. */
function canGenerateCode(): boolean {
  if (isCodeAllowed === undefined) {
    try {
      new Function('');
      isCodeAllowed = true;
    } catch {
      isCodeAllowed = false;
    }
  }
  return isCodeAllowed;
}
