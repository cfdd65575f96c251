import { asDecimalType, commonDecimalType } from './decimal-math.js';
import { DOUBLE, sameType, type SqlType } from './sql-type.js';

const NUMBER_RANK: Partial<Record<SqlType['kind'], number>> = { INTEGER: 0, BIGINT: 1, DECIMAL: 2, DOUBLE: 3 };

export function isNumeric(type: SqlType): boolean {
  return NUMBER_RANK[type.kind] !== undefined;
}

/** DATE, TIME or TIMESTAMP. */
export function isTemporal(type: SqlType): boolean {
  return type.kind === 'DATE' || type.kind === 'TIME' || type.kind === 'TIMESTAMP';
}

/** The narrowest numeric type that holds both: INTEGER → BIGINT → DECIMAL → DOUBLE. Both must be numeric. */
export function commonNumericType(a: SqlType, b: SqlType): SqlType {
  if (a.kind === 'DOUBLE' || b.kind === 'DOUBLE') return DOUBLE;
  if (a.kind === 'DECIMAL' || b.kind === 'DECIMAL') {
    const left = asDecimalType(a);
    const right = asDecimalType(b);
    if (left !== undefined && right !== undefined) return commonDecimalType(left, right);
  }
  return (NUMBER_RANK[a.kind] ?? 0) >= (NUMBER_RANK[b.kind] ?? 0) ? a : b;
}

/**
 * Whether a value of `from` is taken where `to` is wanted without a CAST: numbers widen; a DECIMAL becomes one that holds
 * its integer part and scale; text becomes DATE, TIME, TIMESTAMP or BYTES; containers element by element.
 */
export function isImplicitlyConvertible(from: SqlType, to: SqlType): boolean {
  if (sameType(from, to)) return true;
  switch (to.kind) {
    case 'BIGINT':
      return from.kind === 'INTEGER';
    case 'DOUBLE':
      return isNumeric(from);
    case 'DECIMAL': {
      const decimal = asDecimalType(from);
      return (
        decimal !== undefined &&
        decimal.scale <= to.scale &&
        decimal.precision - decimal.scale <= to.precision - to.scale
      );
    }
    case 'DATE':
    case 'TIME':
    case 'TIMESTAMP':
    case 'BYTES':
      return from.kind === 'STRING';
    case 'ARRAY':
      return from.kind === 'ARRAY' && isImplicitlyConvertible(from.element, to.element);
    case 'MAP':
      return (
        from.kind === 'MAP' &&
        isImplicitlyConvertible(from.key, to.key) &&
        isImplicitlyConvertible(from.value, to.value)
      );
    case 'STRUCT':
      return (
        from.kind === 'STRUCT' &&
        from.fields.length === to.fields.length &&
        from.fields.every((field, i) => {
          const target = to.fields[i];
          return field.name === target?.name && isImplicitlyConvertible(field.type, target.type);
        })
      );
    default:
      return false;
  }
}
