import type { BoundExpression } from '../../analyze/bound-expression.js';
import { must } from '../../errors/assert.js';
import { valuesEqual } from '../../types/compare.js';
import type { SqlType } from '../../types/sql-type.js';
import type { SqlValue } from '../../types/sql-value.js';
import { comparisonOf, decide, type Comparison, type ComparisonOperator } from '../operations/comparison.js';
import { NULL_TEXT } from '../operations/failure.js';
import { likeMatcher, likePattern } from '../operations/like.js';
import type { Emit, Emitter, Operand } from './emitter.js';
import { literalCode } from './leaves.js';

export const emitComparison: Emit<'comparison'> = ({ operator, left, right }, emitter) => {
  const [a, b] = [emitter.emit(left), emitter.emit(right)];
  return compare(operator, { node: left, value: a }, { node: right, value: b }, emitter);
};

interface Side {
  readonly node: BoundExpression;
  readonly value: Operand;
}

function compare(operator: ComparisonOperator, left: Side, right: Side, emitter: Emitter): Operand {
  const [leftType, rightType] = [typeOf(left.node), typeOf(right.node)];
  const comparison = comparisonOf(leftType, rightType);
  const result = emitter.name('t');
  const nullChecks = [left, right].filter(({ value }) => value.isNullable).map(({ value }) => `${value.code} === null`);
  const isDistinct = operator === 'IS DISTINCT FROM';
  emitter.line(`let ${result};`);
  if (nullChecks.length > 0) {
    const onNull =
      isDistinct || operator === 'IS NOT DISTINCT FROM'
        ? `${left.value.code} ${isDistinct ? '!==' : '==='} ${right.value.code}`
        : 'false';
    emitter.line(`if (${nullChecks.join(' || ')}) ${result} = ${onNull};\nelse {`);
  } else {
    emitter.line('{');
  }
  const a = converted(left, comparison.left, emitter);
  const b = converted(right, comparison.right, emitter);
  const mayBeNaN = leftType.kind === 'DOUBLE' || rightType.kind === 'DOUBLE';
  emitter.line(`${result} = ${decision(operator, comparison, a, b, mayBeNaN, emitter)};\n}`);
  return { code: result, isNullable: false };
}

const typeOf = (node: BoundExpression): SqlType => must(node.type, 'type to compare');

/** A literal is converted now, unless it cannot be: then the evaluation fails when it gets there. */
function converted(side: Side, convert: ((value: SqlValue) => SqlValue) | undefined, emitter: Emitter): string {
  if (convert === undefined) return side.value.code;
  if (side.node.kind === 'literal') {
    try {
      return literalCode(convert(side.node.value), emitter);
    } catch {
      // the code below throws the same for each record
    }
  }
  return emitter.keep(`${emitter.throwing(convert)}(${side.value.code})`, false).code;
}

function decision(
  operator: ComparisonOperator,
  comparison: Comparison,
  a: string,
  b: string,
  mayBeNaN: boolean,
  emitter: Emitter,
): string {
  if (comparison.kind !== 'direct') return `${emitter.constant(decide(operator, comparison))}(${a}, ${b})`;
  switch (operator) {
    case '=':
      return `${a} === ${b}`;
    case '<>':
      return mayBeNaN ? `${a} < ${b} || ${a} > ${b}` : `${a} !== ${b}`;
    case '<':
    case '<=':
    case '>':
    case '>=':
      return `${a} ${operator} ${b}`;
    default: {
      if (mayBeNaN) return `${emitter.constant(decide(operator, comparison))}(${a}, ${b})`;
      return `${a} ${operator === 'IS DISTINCT FROM' ? '!==' : '==='} ${b}`;
    }
  }
}

export const emitBetween: Emit<'between'> = ({ operand, low, high, negated }, emitter) => {
  const wanted = { node: operand, value: emitter.emit(operand) };
  const isAbove = compare('>=', wanted, { node: low, value: emitter.emit(low) }, emitter);
  const result = emitter.name('t');
  emitter.line(`let ${result} = ${negated};\nif (${isAbove.code}) {`);
  const isBelow = compare('<=', wanted, { node: high, value: emitter.emit(high) }, emitter);
  emitter.line(`${result} = ${isBelow.code} !== ${negated};\n}`);
  return { code: result, isNullable: false };
};

/** Kinds whose values are equal when `===` says so. */
const BY_IDENTITY: ReadonlySet<SqlType['kind']> = new Set([
  'BOOLEAN',
  'INTEGER',
  'BIGINT',
  'STRING',
  'DATE',
  'TIME',
  'TIMESTAMP',
]);

export const emitIn: Emit<'in'> = ({ operand, items, negated }, emitter) => {
  const wanted = emitter.emit(operand);
  const { kind } = typeOf(operand);
  const result = emitter.name('t');
  emitter.line(`let ${result} = ${negated};`);
  emitter.line(wanted.isNullable ? `if (${wanted.code} !== null) {` : '{');
  if (BY_IDENTITY.has(kind) && items.every((item) => item.kind === 'literal')) {
    const values = emitter.constant(new Set(items.map((item) => (item.kind === 'literal' ? item.value : null))));
    emitter.line(`${result} = ${values}.has(${wanted.code}) !== ${negated};\n}`);
    return { code: result, isNullable: false };
  }
  const label = emitter.name('L');
  emitter.line(`${label}: {`);
  for (const item of items) {
    const { code } = emitter.emit(item);
    const isEqual = BY_IDENTITY.has(kind)
      ? `${code} === ${wanted.code}`
      : `${emitter.constant(valuesEqual)}(${code}, ${wanted.code})`;
    emitter.line(`if (${isEqual}) { ${result} = ${!negated}; break ${label}; }`);
  }
  emitter.line('}\n}');
  return { code: result, isNullable: false };
};

export const emitLike: Emit<'like'> = ({ operand, pattern, escape, negated }, emitter) => {
  const text = emitter.emit(operand);
  const like = emitter.emit(pattern);
  emitter.require(text, NULL_TEXT);
  emitter.require(like, NULL_TEXT);
  const matches =
    pattern.kind === 'literal' && typeof pattern.value === 'string'
      ? literalMatcher(pattern.value, escape, emitter)
      : emitter.throwing(likeMatcher(escape));
  return emitter.keep(`${matches}(${text.code}, ${like.code}) !== ${negated}`, false);
};

function literalMatcher(pattern: string, escape: string | undefined, emitter: Emitter): string {
  try {
    return emitter.constant(likePattern(pattern, escape));
  } catch {
    return emitter.throwing(likeMatcher(escape));
  }
}
