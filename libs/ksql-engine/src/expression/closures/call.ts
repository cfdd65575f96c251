import type { BoundArgument, BoundExpression } from '../../analyze/bound-expression.js';
import type { LambdaValue, ScalarArgument } from '../../functions/function.js';
import type { EvaluationRecord } from '../evaluator.js';
import { bindFunction, expressionsOf } from '../operations/call.js';
import type { Closing, Closure } from './closure.js';
import { part } from './construction.js';

export function closeCall(node: Extract<BoundExpression, { kind: 'call' }>, closing: Closing): Closure {
  const { evaluate, nullOnNull, isFirstKnown } = bindFunction(
    node,
    closing.functions,
    closing.context,
    closing.budget,
    closing.isInLambda,
  );
  if (isFirstKnown) return closeFirstKnown(expressionsOf(node.args), closing);
  const args = node.args.map((argument) => closeArgument(argument, closing));
  return (record) => {
    const values: ScalarArgument[] = [];
    for (const argument of args) {
      const value = argument(record);
      if (value === null && nullOnNull) return null;
      values.push(value);
    }
    return evaluate(values);
  };
}

function closeFirstKnown(args: readonly BoundExpression[], closing: Closing): Closure {
  const parts = args.map((argument) => part(argument, closing));
  return (record) => {
    for (const evaluate of parts) {
      const value = evaluate(record);
      if (value !== null) return value;
    }
    return null;
  };
}

function closeArgument(argument: BoundArgument, closing: Closing): (record: EvaluationRecord) => ScalarArgument {
  switch (argument.kind) {
    case 'expression':
      return closing.close(argument.expression);
    case 'unit':
      return () => argument.unit;
    case 'lambda': {
      const cells = argument.parameters.map((name) => closing.cell(name));
      const body = closing.inLambda().close(argument.body);
      return (record): LambdaValue =>
        (...args) => {
          closing.budget.spend(1);
          for (const [i, cell] of cells.entries()) cell.value = args[i] ?? null;
          return body(record);
        };
    }
  }
}
