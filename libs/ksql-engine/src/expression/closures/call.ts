import type { BoundArgument, BoundExpression } from '../../analyze/bound-expression.js';
import type { LambdaValue, ScalarArgument } from '../../functions/function.js';
import type { EvaluationRecord } from '../evaluator.js';
import { bindFunction } from '../operations/call.js';
import type { Closing, Closure } from './closure.js';

export function closeCall(node: Extract<BoundExpression, { kind: 'call' }>, closing: Closing): Closure {
  const { evaluate, nullOnNull } = bindFunction(node, closing.functions, closing.context, closing.budget);
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

function closeArgument(argument: BoundArgument, closing: Closing): (record: EvaluationRecord) => ScalarArgument {
  switch (argument.kind) {
    case 'expression':
      return closing.close(argument.expression);
    case 'unit':
      return () => argument.unit;
    case 'lambda': {
      const cells = argument.parameters.map((name) => closing.cell(name));
      const body = closing.close(argument.body);
      return (record): LambdaValue =>
        (...args) => {
          closing.budget.spend(1);
          for (const [i, cell] of cells.entries()) cell.value = args[i] ?? null;
          return body(record);
        };
    }
  }
}
