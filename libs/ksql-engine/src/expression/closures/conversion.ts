import type { BoundExpression } from '../../analyze/bound-expression.js';
import { formatBound } from '../../analyze/format-bound.js';
import { must } from '../../errors/assert.js';
import { castConversion } from '../../types/cast.js';
import type { Closing, Closure } from './closure.js';

/** A value without counterpart in the target type, or none at all because the operand fails, is reported and becomes NULL. */
export function closeCast(node: Extract<BoundExpression, { kind: 'cast' }>, closing: Closing): Closure {
  const evaluate = closing.close(node.operand);
  const from = must(node.operand.type, 'type to cast');
  const convert = must(castConversion(from, must(node.type, 'type of a cast')), 'conversion of a cast');
  const text = formatBound(node);
  return (record) => {
    try {
      const value = evaluate(record);
      return value === null ? null : convert(value);
    } catch (cause) {
      closing.errors.report(text, cause, record);
      return null;
    }
  };
}
