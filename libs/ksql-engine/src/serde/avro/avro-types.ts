import {
  arrayType,
  BIGINT,
  BOOLEAN,
  BYTES,
  DATE,
  decimalType,
  DOUBLE,
  INTEGER,
  mapType,
  STRING,
  structType,
  TIME,
  TIMESTAMP,
  type SqlType,
  type StructField,
  type StructType,
} from '../../types/sql-type.js';
import { KsqlError } from '../../errors/sql-error.js';
import { fieldIndex } from '../field-names.js';
import { simpleName, type AvroRecord, type AvroType, type AvroUnion } from './avro-schema.js';

/** The SQL type of an Avro type without parts; undefined for another. */
export function scalarTypeOf(type: AvroType): SqlType | undefined {
  switch (type.kind) {
    case 'boolean':
      return BOOLEAN;
    case 'int':
      return type.logical === 'date' ? DATE : type.logical === 'time-millis' ? TIME : INTEGER;
    case 'long':
      return type.logical === 'timestamp-millis' ? TIMESTAMP : BIGINT;
    case 'float':
    case 'double':
      return DOUBLE;
    case 'bytes':
    case 'fixed':
      return type.decimal === undefined ? BYTES : decimalType(type.decimal.precision, type.decimal.scale);
    case 'string':
    case 'enum':
      return STRING;
    default:
      return undefined;
  }
}

/**
 * The SQL type that values of an Avro type are read as; undefined where there is none, such as for null alone, which is left out.
 * @param nameOf how the name of a field is spelled in SQL
 * @throws KsqlError for a recursive type
 */
export function sqlTypeOf(
  type: AvroType,
  nameOf: (name: string) => string,
  outer: readonly AvroRecord[] = [],
): SqlType | undefined {
  switch (type.kind) {
    case 'null':
      return undefined;
    case 'array': {
      if (isMapEntry(type.items) && type.items.isMapEntry) {
        const [key, value] = type.items.fields.map((field) => sqlTypeOf(field.type, nameOf, outer));
        return key === undefined || value === undefined ? undefined : mapType(key, value);
      }
      const element = sqlTypeOf(type.items, nameOf, outer);
      return element && arrayType(element);
    }
    case 'map': {
      const value = sqlTypeOf(type.values, nameOf, outer);
      return value && mapType(STRING, value);
    }
    case 'union': {
      const branches = type.branches.filter((branch) => branch.kind !== 'null');
      const [only] = branches;
      if (branches.length <= 1) return only && sqlTypeOf(only, nameOf, outer);
      return structOf(
        branches.map((branch) => ({ name: memberName(branch), type: branch })),
        nameOf,
        outer,
      );
    }
    case 'record':
      if (outer.includes(type)) {
        throw new KsqlError(
          `The Avro record ${type.name} contains itself, which no column can. Declare the columns that are wanted instead of inferring them`,
        );
      }
      return structOf(type.fields, nameOf, [...outer, type]);
    default:
      return scalarTypeOf(type);
  }
}

interface Part {
  readonly name: string;
  readonly type: AvroType;
}

function structOf(
  parts: readonly Part[],
  nameOf: (name: string) => string,
  outer: readonly AvroRecord[],
): StructType | undefined {
  const fields = structFields(parts, nameOf, outer);
  return fields.length === 0 ? undefined : structType(fields);
}

/** Of fields whose names are the same in SQL the first counts. */
export function structFields(
  parts: readonly Part[],
  nameOf: (name: string) => string,
  outer: readonly AvroRecord[],
): readonly StructField[] {
  const fields: StructField[] = [];
  for (const part of parts) {
    const name = nameOf(part.name);
    const type = sqlTypeOf(part.type, nameOf, outer);
    if (type !== undefined && !fields.some((field) => field.name === name)) fields.push({ name, type });
  }
  return fields;
}

/** Whether items of this type may be entries of a map: records of a key and a value. */
export function isMapEntry(type: AvroType): type is AvroRecord {
  if (type.kind !== 'record' || type.fields.length !== 2) return false;
  return type.fields[0]?.name.toLowerCase() === 'key' && type.fields[1]?.name.toLowerCase() === 'value';
}

/** What a branch of a union is called as a field of a STRUCT: a named type its name, another its kind. */
export const memberName = (branch: AvroType): string => ('name' in branch ? simpleName(branch.name) : branch.kind);

/** The field of `struct` that stands for a branch, −1: none does; undefined: the struct is not one with a field per branch. */
export function memberOf(union: AvroUnion, branch: AvroType, struct: StructType): number | undefined {
  const branches = union.branches.filter(({ kind }) => kind !== 'null');
  if (branches.length < 2 || branch.kind === 'null') return undefined;
  const names = struct.fields.map((field) => field.name);
  const members = branches.map((other) => fieldIndex(names, memberName(other)));
  return members.some((member) => member >= 0) ? members[branches.indexOf(branch)] : undefined;
}
