import type { BoundExpression } from '../../analyze/bound-expression.js';
import { must } from '../../errors/assert.js';
import { valuesEqual } from '../../types/compare.js';
import type { SqlValue } from '../../types/sql-value.js';
import { comparisonOf, decide, type ComparisonOperator } from '../operations/comparison.js';
import { NULL_TEXT } from '../operations/failure.js';
import { likeMatcher } from '../operations/like.js';
import type { Closing, Closure } from './closure.js';

type Node<K extends BoundExpression['kind']> = Extract<BoundExpression, { kind: K }>;

/** A comparison with NULL is false, but to IS [NOT] DISTINCT FROM two NULLs are the same. */
function comparing(
  operator: ComparisonOperator,
  left: BoundExpression,
  right: BoundExpression,
): (a: SqlValue, b: SqlValue) => boolean {
  const comparison = comparisonOf(must(left.type, 'type to compare'), must(right.type, 'type to compare'));
  const holds = decide(operator, comparison);
  const isDistinct = operator === 'IS DISTINCT FROM';
  const isNotDistinct = operator === 'IS NOT DISTINCT FROM';
  return (a, b) => {
    if (a === null || b === null) return a === b ? isNotDistinct : isDistinct;
    return holds(comparison.left?.(a) ?? a, comparison.right?.(b) ?? b);
  };
}

export function closeComparison({ operator, left, right }: Node<'comparison'>, closing: Closing): Closure {
  const [leftValue, rightValue] = [closing.close(left), closing.close(right)];
  const holds = comparing(operator, left, right);
  return (record) => holds(leftValue(record), rightValue(record));
}

export function closeBetween({ operand, low, high, negated }: Node<'between'>, closing: Closing): Closure {
  const [value, lowest, highest] = [closing.close(operand), closing.close(low), closing.close(high)];
  const isAbove = comparing('>=', operand, low);
  const isBelow = comparing('<=', operand, high);
  return (record) => {
    const wanted = value(record);
    return (isAbove(wanted, lowest(record)) && isBelow(wanted, highest(record))) !== negated;
  };
}

export function closeIn({ operand, items, negated }: Node<'in'>, closing: Closing): Closure {
  const value = closing.close(operand);
  const candidates = items.map((item) => closing.close(item));
  return (record) => {
    const wanted = value(record);
    return (wanted !== null && candidates.some((item) => valuesEqual(item(record), wanted))) !== negated;
  };
}

export function closeLike({ operand, pattern, escape, negated }: Node<'like'>, closing: Closing): Closure {
  const text = closing.close(operand);
  const like = closing.close(pattern);
  const matches = likeMatcher(escape);
  return (record) => {
    const a = text(record);
    const b = like(record);
    if (a === null || b === null) throw NULL_TEXT;
    return matches(a as string, b as string) !== negated;
  };
}
