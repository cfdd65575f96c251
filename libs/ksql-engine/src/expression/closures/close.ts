import type { BoundExpression } from '../../analyze/bound-expression.js';
import type { FunctionContext, FunctionRegistry } from '../../functions/function.js';
import { EvaluationBudget } from '../evaluation-budget.js';
import type { EvaluationErrors } from '../evaluator.js';
import { closeArithmetic, closeNegate } from './arithmetic.js';
import { closeCall } from './call.js';
import type { Cell, Closing, Closure } from './closure.js';
import { closeBetween, closeComparison, closeIn, closeLike } from './comparison.js';
import {
  closeArray,
  closeArrayElement,
  closeMap,
  closeMapValue,
  closeStruct,
  closeStructField,
} from './construction.js';
import { closeCast } from './conversion.js';
import { closeKeyColumn, closeLambdaVariable, closeLiteral, closePseudoColumn, closeValueColumn } from './leaves.js';
import { closeCase, closeIsNull, closeLogical, closeNot } from './logic.js';

type Rules = {
  readonly [K in BoundExpression['kind']]: (node: Extract<BoundExpression, { kind: K }>, closing: Closing) => Closure;
};

const RULES: Rules = {
  literal: closeLiteral,
  keyColumn: closeKeyColumn,
  valueColumn: closeValueColumn,
  pseudoColumn: closePseudoColumn,
  lambdaVariable: closeLambdaVariable,
  arithmetic: closeArithmetic,
  negate: closeNegate,
  comparison: closeComparison,
  logical: closeLogical,
  not: closeNot,
  isNull: closeIsNull,
  between: closeBetween,
  in: closeIn,
  like: closeLike,
  case: closeCase,
  cast: closeCast,
  call: closeCall,
  arrayElement: closeArrayElement,
  mapValue: closeMapValue,
  structField: closeStructField,
  array: closeArray,
  map: closeMap,
  struct: closeStruct,
};

/**
 * The plain evaluator: one closure per node. It is what the semantics of expressions are read from, the judge of the code
 * generator (code/), and its stand-in where code generation is forbidden.
 */
export function closeExpression(
  expression: BoundExpression,
  functions: FunctionRegistry,
  context: FunctionContext,
  errors: EvaluationErrors,
): Closure {
  const cells = new Map<string, Cell>();
  const budget = EvaluationBudget.from(context);
  const closing = (isInLambda: boolean): Closing => ({
    functions,
    context,
    errors,
    budget,
    isInLambda,
    inLambda: () => closing(true),
    close(node) {
      const rule = RULES[node.kind] as (node: BoundExpression, closing: Closing) => Closure;
      return rule(node, this);
    },
    cell: (name) => {
      let cell = cells.get(name);
      if (cell === undefined) cells.set(name, (cell = { value: null }));
      return cell;
    },
  });
  const evaluate = closing(false).close(expression);
  return (record) => {
    budget.begin();
    return evaluate(record);
  };
}
