import { formatBound } from '../../analyze/format-bound.js';
import { must } from '../../errors/assert.js';
import { castConversion } from '../../types/cast.js';
import { isNumeric, isTemporal } from '../../types/coercion.js';
import type { SqlType } from '../../types/sql-type.js';
import type { Emit } from './emitter.js';

/** Whether every value converts, so that no `try` is needed. */
function isTotal(from: SqlType, to: SqlType): boolean {
  switch (to.kind) {
    case 'STRING':
      return true;
    case 'BOOLEAN':
      return from.kind === 'STRING';
    case 'INTEGER':
    case 'BIGINT':
    case 'DOUBLE':
      return isNumeric(from);
    default:
      return isTemporal(from);
  }
}

/** Whether the value stands in the same form in both types. */
function isSameForm(from: SqlType, to: SqlType): boolean {
  return from.kind === 'INTEGER' && (to.kind === 'BIGINT' || to.kind === 'DOUBLE');
}

export const emitCast: Emit<'cast'> = (node, emitter) =>
  emitter.part(formatBound(node), () => {
    const value = emitter.emit(node.operand);
    const from = must(node.operand.type, 'type to cast');
    const to = must(node.type, 'type of a cast');
    if (isSameForm(from, to)) return value;
    const convert = must(castConversion(from, to), 'conversion of a cast');
    const call = `${isTotal(from, to) ? emitter.constant(convert) : emitter.throwing(convert)}(${value.code})`;
    return { ...value, code: value.isNullable ? `${value.code} === null ? null : ${call}` : call };
  });
