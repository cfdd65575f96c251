/** The types of ksqlDB. Immutable; compare with `sameType`, print with `formatType` (types/format-type.ts). */
export type PrimitiveKind =
  'BOOLEAN' | 'INTEGER' | 'BIGINT' | 'DOUBLE' | 'STRING' | 'BYTES' | 'DATE' | 'TIME' | 'TIMESTAMP';

export interface PrimitiveType {
  readonly kind: PrimitiveKind;
}
export interface DecimalType {
  readonly kind: 'DECIMAL';
  readonly precision: number;
  readonly scale: number;
}
export interface ArrayType {
  readonly kind: 'ARRAY';
  readonly element: SqlType;
}
export interface MapType {
  readonly kind: 'MAP';
  readonly key: SqlType;
  readonly value: SqlType;
}
export interface StructField {
  readonly name: string;
  readonly type: SqlType;
}
export interface StructType {
  readonly kind: 'STRUCT';
  readonly fields: readonly StructField[];
}
export type SqlType = PrimitiveType | DecimalType | ArrayType | MapType | StructType;

const primitive = (kind: PrimitiveKind): PrimitiveType => Object.freeze({ kind });
export const BOOLEAN = primitive('BOOLEAN');
export const INTEGER = primitive('INTEGER');
export const BIGINT = primitive('BIGINT');
export const DOUBLE = primitive('DOUBLE');
export const STRING = primitive('STRING');
export const BYTES = primitive('BYTES');
export const DATE = primitive('DATE');
export const TIME = primitive('TIME');
export const TIMESTAMP = primitive('TIMESTAMP');
export const decimalType = (precision: number, scale: number): DecimalType => ({ kind: 'DECIMAL', precision, scale });
export const arrayType = (element: SqlType): ArrayType => ({ kind: 'ARRAY', element });
export const mapType = (key: SqlType, value: SqlType): MapType => ({ kind: 'MAP', key, value });
export const structType = (fields: readonly StructField[]): StructType => ({ kind: 'STRUCT', fields });

/** Structural equality: same kinds, precisions, scales, field names and order. */
export function sameType(a: SqlType, b: SqlType): boolean {
  if (a === b) return true;
  if (a.kind !== b.kind) return false;
  switch (a.kind) {
    case 'DECIMAL': {
      const other = b as DecimalType;
      return a.precision === other.precision && a.scale === other.scale;
    }
    case 'ARRAY':
      return sameType(a.element, (b as ArrayType).element);
    case 'MAP':
      return sameType(a.key, (b as MapType).key) && sameType(a.value, (b as MapType).value);
    case 'STRUCT': {
      const other = (b as StructType).fields;
      return (
        a.fields.length === other.length &&
        a.fields.every((field, i) => field.name === other[i]?.name && sameType(field.type, other[i].type))
      );
    }
    default:
      return true;
  }
}
