import type { BoundExpression } from '../../analyze/bound-expression.js';
import { formatBound } from '../../analyze/format-bound.js';
import type { SqlArray, SqlMap, SqlValue } from '../../types/sql-value.js';
import { elementAt, valueAt } from '../operations/access.js';
import { NULL_INDEX } from '../operations/failure.js';
import type { Closing, Closure } from './closure.js';

type Node<K extends BoundExpression['kind']> = Extract<BoundExpression, { kind: K }>;

/** A part that fails is reported and becomes NULL; the others stand. */
export function part(expression: BoundExpression, closing: Closing): Closure {
  const evaluate = closing.close(expression);
  const text = formatBound(expression);
  return (record) => {
    try {
      return evaluate(record);
    } catch (cause) {
      closing.errors.report(text, cause, record);
      return null;
    }
  };
}

export function closeArray({ items }: Node<'array'>, closing: Closing): Closure {
  const parts = items.map((item) => part(item, closing));
  return (record) => parts.map((evaluate) => evaluate(record));
}

export function closeStruct({ values }: Node<'struct'>, closing: Closing): Closure {
  const parts = values.map((value) => part(value, closing));
  return (record) => parts.map((evaluate) => evaluate(record));
}

export function closeMap({ entries }: Node<'map'>, closing: Closing): Closure {
  const parts = entries.map(({ key, value }) => ({ key: part(key, closing), value: part(value, closing) }));
  return (record) => {
    const map = new Map<SqlValue, SqlValue>();
    for (const { key, value } of parts) map.set(key(record), value(record));
    return map;
  };
}

export function closeArrayElement({ base, index }: Node<'arrayElement'>, closing: Closing): Closure {
  const array = closing.close(base);
  const position = closing.close(index);
  return (record) => {
    const elements = array(record);
    if (elements === null) return null;
    const at = position(record);
    if (at === null) throw NULL_INDEX;
    return elementAt(elements as SqlArray, at as number);
  };
}

export function closeMapValue({ base, key }: Node<'mapValue'>, closing: Closing): Closure {
  const map = closing.close(base);
  const wanted = closing.close(key);
  return (record) => {
    const entries = map(record);
    return entries === null ? null : valueAt(entries as SqlMap, wanted(record));
  };
}

export function closeStructField({ base, index }: Node<'structField'>, closing: Closing): Closure {
  const struct = closing.close(base);
  return (record) => {
    const fields = struct(record);
    return fields === null ? null : ((fields as SqlArray)[index] ?? null);
  };
}
