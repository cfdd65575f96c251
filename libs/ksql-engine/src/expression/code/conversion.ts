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

export const emitCast: Emit<'cast'> = (node, emitter) => {
  const value = emitter.emit(node.operand);
  const from = must(node.operand.type, 'type to cast');
  const to = must(node.type, 'type of a cast');
  if (isSameForm(from, to)) return value;
  const convert = emitter.constant(must(castConversion(from, to), 'conversion of a cast'));
  if (isTotal(from, to)) {
    const call = `${convert}(${value.code})`;
    return emitter.keep(value.isNullable ? `${value.code} === null ? null : ${call}` : call, value.isNullable);
  }
  const result = emitter.name('t');
  const report = emitter.reporter(formatBound(node));
  emitter.line(`let ${result} = null;
if (${value.code} !== null) {
try { ${result} = ${convert}(${value.code}); } catch (cause) { ${report}(cause, ${emitter.record}); }
}`);
  return { code: result, isNullable: true };
};
