import type { BoundExpression } from '../../analyze/bound-expression.js';
import { must } from '../../errors/assert.js';
import type { SqlType } from '../../types/sql-type.js';
import { arithmeticOf, concatenate, negationOf, numberConversion } from '../operations/arithmetic.js';
import { NULL_OPERAND } from '../operations/failure.js';
import type { Closing, Closure } from './closure.js';

type Node<K extends BoundExpression['kind']> = Extract<BoundExpression, { kind: K }>;

export function closeArithmetic(node: Node<'arithmetic'>, closing: Closing): Closure {
  const type = must(node.type, 'type of an arithmetic expression');
  if (type.kind === 'STRING') {
    const left = closing.close(node.left);
    const right = closing.close(node.right);
    return (record) => closing.budget.pay(concatenate(left(record), right(record)));
  }
  const operate = arithmeticOf(node.operator, type);
  const left = operand(node.left, type, closing);
  const right = operand(node.right, type, closing);
  return (record) => operate(left(record), right(record));
}

function operand(node: BoundExpression, type: SqlType, closing: Closing): Closure {
  const evaluate = closing.close(node);
  const convert = numberConversion(must(node.type, 'type of an operand'), type);
  return (record) => {
    const value = evaluate(record);
    if (value === null) throw NULL_OPERAND;
    return convert === undefined ? value : convert(value);
  };
}

export function closeNegate(node: Node<'negate'>, closing: Closing): Closure {
  const evaluate = closing.close(node.operand);
  const negate = negationOf(must(node.type, 'type of a negation'));
  return (record) => {
    const value = evaluate(record);
    if (value === null) throw NULL_OPERAND;
    return negate(value);
  };
}
