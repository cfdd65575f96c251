import type { BoundArgument, BoundExpression } from '../../analyze/bound-expression.js';
import { must } from '../../errors/assert.js';
import type { FunctionContext, FunctionRegistry, ScalarArgument } from '../../functions/function.js';
import type { SqlType } from '../../types/sql-type.js';
import type { SqlValue } from '../../types/sql-value.js';

export interface BoundFunction {
  readonly evaluate: (args: readonly ScalarArgument[]) => SqlValue;
  /** Any null argument gives null without a call. */
  readonly nullOnNull: boolean;
}

/** The evaluator of one call in an expression. */
export function bindFunction(
  call: Extract<BoundExpression, { kind: 'call' }>,
  functions: FunctionRegistry,
  context: FunctionContext,
): BoundFunction {
  const found = functions.find(call.function);
  const overload = found?.kind === 'scalar' ? found.overloads[call.overload] : undefined;
  const { bind, nullOnNull } = must(overload, `overload ${call.overload} of function ${call.function}`);
  return { evaluate: bind(call.args.map(typeOf), context), nullOnNull: nullOnNull ?? true };
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
