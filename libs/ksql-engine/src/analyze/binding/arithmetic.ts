import type { Arithmetic, ArithmeticUnary } from '../../syntax/ast/expression.js';
import { isNumeric } from '../../types/coercion.js';
import { arithmeticDecimalType, asDecimalType } from '../../types/decimal-math.js';
import { formatType } from '../../types/format-type.js';
import { BIGINT, DOUBLE, INTEGER, STRING, type SqlType } from '../../types/sql-type.js';
import type { BoundExpression } from '../bound-expression.js';
import { formatBound } from '../format-bound.js';
import { ExpressionTypeError, InvalidExpressionError } from '../invalid-expression.js';
import { isTyped, type Binder } from './binder.js';
import { negateLiteral } from './literals.js';

const nameOf = (type: SqlType | null): string => (type === null ? 'null' : formatType(type));

export function bindArithmetic(expression: Arithmetic, binder: Binder): BoundExpression {
  const { operator } = expression;
  const left = binder.bind(expression.left);
  const right = binder.bind(expression.right);
  const refuse = (reason: string): ExpressionTypeError => {
    const text = `(${formatBound(left)} ${operator} ${formatBound(right)})`;
    return new ExpressionTypeError(`Error processing expression: ${text}. ${reason}\nStatement: ${text}`, text);
  };
  if (!isTyped(left) || !isTyped(right)) {
    throw refuse(`Arithmetic on types ${nameOf(left.type)} and ${nameOf(right.type)} are not supported.`);
  }
  const type = arithmeticType(operator, left.type, right.type);
  if (type === undefined) throw refuse(`Unsupported arithmetic types. ${left.type.kind} ${right.type.kind}`);
  return { kind: 'arithmetic', operator, left, right, type };
}

function arithmeticType(operator: Arithmetic['operator'], a: SqlType, b: SqlType): SqlType | undefined {
  if (a.kind === 'STRING' && b.kind === 'STRING') return operator === '+' ? STRING : undefined;
  if (!isNumeric(a) || !isNumeric(b)) return undefined;
  if (a.kind === 'DOUBLE' || b.kind === 'DOUBLE') return DOUBLE;
  const left = asDecimalType(a);
  const right = asDecimalType(b);
  if ((a.kind === 'DECIMAL' || b.kind === 'DECIMAL') && left && right)
    return arithmeticDecimalType(operator, left, right);
  return a.kind === 'BIGINT' || b.kind === 'BIGINT' ? BIGINT : INTEGER;
}

export function bindUnary(expression: ArithmeticUnary, binder: Binder): BoundExpression {
  const operand = binder.bind(expression.operand);
  const { type } = operand;
  if (type === null || !isNumeric(type)) {
    throw new InvalidExpressionError(
      binder.clause,
      `Operand of type ${nameOf(type)} has no sign: use a number`,
      `${expression.operator}${formatBound(operand)}`,
    );
  }
  if (expression.operator === '+') return operand;
  const negated = operand.kind === 'literal' ? negateLiteral(operand) : undefined;
  return negated ?? { kind: 'negate', operand, type };
}
