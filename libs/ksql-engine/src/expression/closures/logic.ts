import type { BoundExpression } from '../../analyze/bound-expression.js';
import type { EvaluationRecord } from '../evaluator.js';
import { NULL_CONDITION } from '../operations/failure.js';
import { isDecisive } from '../operations/logic.js';
import type { Closing, Closure } from './closure.js';

type Node<K extends BoundExpression['kind']> = Extract<BoundExpression, { kind: K }>;

/** NULL is no truth value: where one is reached, the expression fails. */
function condition(expression: BoundExpression, closing: Closing): (record: EvaluationRecord) => boolean {
  const evaluate = closing.close(expression);
  return (record) => {
    const value = evaluate(record);
    if (value === null) throw NULL_CONDITION;
    return value as boolean;
  };
}

export function closeLogical({ operator, left, right }: Node<'logical'>, closing: Closing): Closure {
  if (isDecisive(operator, right)) {
    const evaluate = closing.close(left);
    return (record) => {
      evaluate(record);
      return right.value;
    };
  }
  const a = condition(left, closing);
  const b = condition(right, closing);
  return operator === 'AND' ? (record) => a(record) && b(record) : (record) => a(record) || b(record);
}

export function closeNot({ operand }: Node<'not'>, closing: Closing): Closure {
  const holds = condition(operand, closing);
  return (record) => !holds(record);
}

export function closeIsNull({ operand, negated }: Node<'isNull'>, closing: Closing): Closure {
  const evaluate = closing.close(operand);
  return (record) => (evaluate(record) === null) !== negated;
}

export function closeCase({ whens, otherwise }: Node<'case'>, closing: Closing): Closure {
  const branches = whens.map(({ condition: when, result }) => ({
    holds: condition(when, closing),
    result: closing.close(result),
  }));
  const last: Closure = otherwise === undefined ? () => null : closing.close(otherwise);
  return (record) => {
    for (const { holds, result } of branches) if (holds(record)) return result(record);
    return last(record);
  };
}
