import type { BoundExpression } from '../../analyze/bound-expression.js';
import { must } from '../../errors/assert.js';
import { negateInt64 } from '../../types/integer-math.js';
import type { SqlType } from '../../types/sql-type.js';
import { arithmeticOf, negationOf, numberConversion, type ArithmeticOperator } from '../operations/arithmetic.js';
import { DIVISION_BY_ZERO, NULL_OPERAND } from '../operations/failure.js';
import type { Emit, Emitter, Operand } from './emitter.js';

export const emitArithmetic: Emit<'arithmetic'> = (node, emitter) => {
  const type = must(node.type, 'type of an arithmetic expression');
  if (type.kind === 'STRING') {
    const [left, right] = [emitter.emit(node.left), emitter.emit(node.right)];
    const budget = emitter.throwing(emitter.program.budget);
    return emitter.keep(`${budget}.pay('' + ${left.code} + ${right.code})`, false);
  }
  const left = operand(node.left, type, emitter);
  const right = operand(node.right, type, emitter);
  const { operator } = node;
  switch (type.kind) {
    case 'INTEGER':
      return int32(operator, left, right, emitter);
    case 'DOUBLE':
      return emitter.keep(`${left} ${operator} ${right}`, false);
    case 'BIGINT':
      if (operator !== '/' && operator !== '%') {
        return emitter.keep(`${emitter.constant(arithmeticOf(operator, type))}(${left}, ${right})`, false);
      }
      emitter.line(`if (${right} === 0) ${emitter.fail(DIVISION_BY_ZERO)}`);
      return emitter.keep(`${emitter.constant(arithmeticOf(operator, type))}(${left}, ${right})`, false);
    default:
      return emitter.keep(`${emitter.throwing(arithmeticOf(operator, type))}(${left}, ${right})`, false);
  }
};

function int32(operator: ArithmeticOperator, left: string, right: string, emitter: Emitter): Operand {
  switch (operator) {
    case '+':
    case '-':
      return emitter.keep(`(${left} ${operator} ${right}) | 0`, false);
    case '*':
      return emitter.keep(`Math.imul(${left}, ${right})`, false);
    case '/':
    case '%':
      emitter.line(`if (${right} === 0) ${emitter.fail(DIVISION_BY_ZERO)}`);
      return emitter.keep(`(${left} ${operator} ${right}) | 0`, false);
  }
}

function operand(node: BoundExpression, type: SqlType, emitter: Emitter): string {
  const value = emitter.emit(node);
  emitter.require(value, NULL_OPERAND);
  const convert = numberConversion(must(node.type, 'type of an operand'), type);
  return convert === undefined ? value.code : emitter.keep(`${emitter.constant(convert)}(${value.code})`, false).code;
}

export const emitNegate: Emit<'negate'> = (node, emitter) => {
  const value = emitter.emit(node.operand);
  emitter.require(value, NULL_OPERAND);
  const type = must(node.type, 'type of a negation');
  switch (type.kind) {
    case 'INTEGER':
      return emitter.keep(`-${value.code} | 0`, false);
    case 'DOUBLE':
      return emitter.keep(`-${value.code}`, false);
    case 'BIGINT':
      return emitter.keep(`${emitter.constant(negateInt64)}(${value.code})`, false);
    default:
      return emitter.keep(`${emitter.constant(negationOf(type))}(${value.code})`, false);
  }
};
