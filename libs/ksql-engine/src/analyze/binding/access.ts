import { KsqlError } from '../../errors/sql-error.js';
import type { Dereference, Subscript } from '../../syntax/ast/expression.js';
import { formatType } from '../../types/format-type.js';
import { doubleToInt32, int64ToInt32 } from '../../types/integer-math.js';
import { INTEGER, type SqlType } from '../../types/sql-type.js';
import type { BoundExpression } from '../bound-expression.js';
import { formatBound } from '../format-bound.js';
import { InvalidExpressionError } from '../invalid-expression.js';
import type { Binder } from './binder.js';
import { literal } from './literals.js';

const nameOf = (type: SqlType | null): string => (type === null ? 'NULL' : formatType(type));

export function bindSubscript(expression: Subscript, binder: Binder): BoundExpression {
  const base = binder.bind(expression.base);
  const index = binder.bind(expression.index);
  switch (base.type?.kind) {
    case 'ARRAY':
      return { kind: 'arrayElement', base, index: arrayIndex(base, index, binder), type: base.type.element };
    case 'MAP':
      return { kind: 'mapValue', base, key: index, type: base.type.value };
    default: {
      const [baseText, indexText] = [formatBound(base), formatBound(index)];
      const hint =
        base.type?.kind === 'STRUCT' ? ` Use the dereference operator for STRUCTS: ${baseText}->${indexText}` : '';
      throw new KsqlError(
        `Subscript expression (${baseText}[${indexText}]) do not apply to ${nameOf(base.type)}.${hint}`,
      );
    }
  }
}

/** An INTEGER, or a number literal of BIGINT or DOUBLE, which is narrowed. */
function arrayIndex(base: BoundExpression, index: BoundExpression, binder: Binder): BoundExpression {
  if (index.type?.kind === 'INTEGER') return index;
  if (index.kind === 'literal' && index.value !== null) {
    if (index.type?.kind === 'BIGINT') return literal(int64ToInt32(index.value as number | bigint), INTEGER);
    if (index.type?.kind === 'DOUBLE') return literal(doubleToInt32(index.value as number), INTEGER);
  }
  throw new InvalidExpressionError(
    binder.clause,
    `The index of an ARRAY is an INTEGER, not ${nameOf(index.type)}: use CAST(${formatBound(index)} AS INTEGER)`,
    `${formatBound(base)}[${formatBound(index)}]`,
  );
}

export function bindDereference(expression: Dereference, binder: Binder): BoundExpression {
  const base = binder.bind(expression.base);
  if (base.type?.kind !== 'STRUCT') throw new KsqlError(`Expected STRUCT type, got: ${nameOf(base.type)}`);
  const index = base.type.fields.findIndex((field) => field.name === expression.field);
  const field = base.type.fields[index];
  if (field === undefined) {
    throw new KsqlError(`Could not find field '${expression.field}' in '${formatBound(base)}'.`);
  }
  return { kind: 'structField', base, index, name: field.name, type: field.type };
}
