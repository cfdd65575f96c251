import type { BoundArgument, BoundExpression } from '../../analyze/bound-expression.js';
import { must } from '../../errors/assert.js';
import type { FunctionContext, FunctionRegistry, ScalarArgument } from '../../functions/function.js';
import type { SqlType } from '../../types/sql-type.js';
import type { SqlValue } from '../../types/sql-value.js';
import type { EvaluationBudget } from '../evaluation-budget.js';

export interface BoundFunction {
  readonly evaluate: (args: readonly ScalarArgument[]) => SqlValue;
  /** Any null argument gives null without a call. */
  readonly nullOnNull: boolean;
  readonly isFirstKnown: boolean;
}

/** Types whose values can be of any size. */
const GROWING: ReadonlySet<SqlType['kind'] | undefined> = new Set<SqlType['kind']>(['STRING', 'BYTES', 'ARRAY', 'MAP']);

/** The evaluator of one call in an expression; what it makes is paid for. */
export function bindFunction(
  call: Extract<BoundExpression, { kind: 'call' }>,
  functions: FunctionRegistry,
  context: FunctionContext,
  budget: EvaluationBudget,
): BoundFunction {
  const found = functions.find(call.function);
  const overload = found?.kind === 'scalar' ? found.overloads[call.overload] : undefined;
  const { bind, nullOnNull, isFirstKnown } = must(overload, `overload ${call.overload} of function ${call.function}`);
  const evaluate = bind(call.args.map(typeOf), context);
  return {
    evaluate: GROWING.has(call.type?.kind) ? (args) => budget.pay(evaluate(args)) : evaluate,
    nullOnNull: nullOnNull ?? true,
    isFirstKnown: isFirstKnown ?? false,
  };
}

/** The expressions of a call whose arguments are nothing else. */
export function expressionsOf(args: readonly BoundArgument[]): readonly BoundExpression[] {
  return args.map((argument) =>
    must(argument.kind === 'expression' ? argument.expression : undefined, 'an expression'),
  );
}

function typeOf(argument: BoundArgument): SqlType | null {
  switch (argument.kind) {
    case 'expression':
      return argument.expression.type;
    case 'lambda':
      return argument.body.type;
    case 'unit':
      return null;
  }
}
