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
export const GROWING: ReadonlySet<SqlType['kind'] | undefined> = new Set<SqlType['kind']>([
  'STRING',
  'BYTES',
  'ARRAY',
  'MAP',
]);

/** The evaluator of one call in an expression; what it is given and makes is paid for, and in a lambda each call. */
export function bindFunction(
  call: Extract<BoundExpression, { kind: 'call' }>,
  functions: FunctionRegistry,
  context: FunctionContext,
  budget: EvaluationBudget,
  isInLambda: boolean,
): BoundFunction {
  const found = functions.find(call.function);
  const overload = found?.kind === 'scalar' ? found.overloads[call.overload] : undefined;
  const { bind, nullOnNull, isFirstKnown } = must(overload, `overload ${call.overload} of function ${call.function}`);
  const types = call.args.map(typeOf);
  const evaluate = bind(types, {
    nowMs: () => context.nowMs(),
    random: () => context.random(),
    property: (name) => context.property(name),
    spend: (steps) => budget.spend(steps),
  });
  const growing = [...types.keys()].filter(
    (place) => call.args[place]?.kind === 'expression' && GROWING.has(types[place]?.kind),
  );
  return {
    evaluate: paid(evaluate, budget, growing, GROWING.has(call.type?.kind), isInLambda ? 1 : 0),
    nullOnNull: nullOnNull ?? true,
    isFirstKnown: isFirstKnown ?? false,
  };
}

type Evaluate = BoundFunction['evaluate'];

function paid(
  evaluate: Evaluate,
  budget: EvaluationBudget,
  growing: readonly number[],
  makesGrowing: boolean,
  steps: number,
): Evaluate {
  const result: Evaluate = makesGrowing ? (args) => budget.pay(evaluate(args)) : evaluate;
  if (growing.length === 0 && steps === 0) return result;
  return (args) => {
    budget.spend(steps);
    for (const place of growing) budget.payToRead(args[place] as SqlValue);
    return result(args);
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
