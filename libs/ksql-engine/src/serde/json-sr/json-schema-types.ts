import { KsqlError } from '../../errors/sql-error.js';
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
} from '../../types/sql-type.js';
import { fieldIndex } from '../field-names.js';
import { alternativeName } from '../json-alternatives.js';
import { resolved, type JsonObject, type JsonScalar, type JsonType } from './json-schema.js';

const CONNECT_DATA = 'org.apache.kafka.connect.data.';
export const CONNECT_TITLES = {
  DATE: `${CONNECT_DATA}Date`,
  TIME: `${CONNECT_DATA}Time`,
  TIMESTAMP: `${CONNECT_DATA}Timestamp`,
  DECIMAL: `${CONNECT_DATA}Decimal`,
} as const;
/** What a decimal has whose schema gives no precision. */
const DECIMAL_PRECISION_DEFAULT = 64;

/**
 * The SQL type of what a schema describes; undefined where there is none, which is left out.
 * @param nameOf how the name of a field is spelled in SQL
 * @throws KsqlError for a type that contains itself
 */
export function jsonSqlType(
  type: JsonType,
  nameOf: (name: string) => string,
  outer: readonly JsonType[] = [],
): SqlType | undefined {
  const actual = resolved(type);
  switch (actual.kind) {
    case 'null':
    case 'any':
      return undefined;
    case 'map': {
      const value = jsonSqlType(actual.values, nameOf, within(outer, actual));
      return value && mapType(STRING, value);
    }
    case 'array': {
      const entry = actual.isMap ? entryTypes(actual.items) : undefined;
      if (entry !== undefined) {
        const [key, value] = entry.map((part) => jsonSqlType(part, nameOf, within(outer, actual)));
        return key && value && mapType(key, value);
      }
      const element = jsonSqlType(actual.items, nameOf, within(outer, actual));
      return element && arrayType(element);
    }
    case 'union': {
      const branches = actual.branches.filter((branch) => resolved(branch).kind !== 'null');
      const [only] = branches;
      if (branches.length <= 1) return only && jsonSqlType(only, nameOf, within(outer, actual));
      return structOf(
        branches.map((branch, i) => ({ name: alternativeName(i), type: branch })),
        nameOf,
        within(outer, actual),
      );
    }
    case 'object':
      return structOf(actual.properties, nameOf, within(outer, actual));
    default:
      return scalarType(actual);
  }
}

function within(outer: readonly JsonType[], type: JsonType): readonly JsonType[] {
  if (outer.includes(type)) {
    throw new KsqlError(
      'The JSON schema has a type that contains itself, which no column can. Declare the columns that are wanted instead of inferring them',
    );
  }
  return [...outer, type];
}

interface Part {
  readonly name: string;
  readonly type: JsonType;
}

function structOf(
  parts: readonly Part[],
  nameOf: (name: string) => string,
  outer: readonly JsonType[],
): SqlType | undefined {
  const fields = jsonFields(parts, nameOf, outer);
  return fields.length === 0 ? undefined : structType(fields);
}

/** Of fields whose names are the same in SQL the first counts. */
export function jsonFields(
  parts: readonly Part[],
  nameOf: (name: string) => string,
  outer: readonly JsonType[],
): readonly StructField[] {
  const fields: StructField[] = [];
  for (const part of parts) {
    const name = nameOf(part.name);
    const type = jsonSqlType(part.type, nameOf, outer);
    if (type !== undefined && !fields.some((field) => field.name === name)) fields.push({ name, type });
  }
  return fields;
}

function scalarType({ kind, connectType, title, parameters }: JsonScalar): SqlType {
  if (title === CONNECT_TITLES.DECIMAL) {
    const precision = Number(parameters['connect.decimal.precision'] ?? DECIMAL_PRECISION_DEFAULT);
    const scale = Number(parameters['scale'] ?? 0);
    if (precision >= 1 && scale >= 0 && scale <= precision) return decimalType(precision, scale);
  }
  switch (kind) {
    case 'boolean':
      return BOOLEAN;
    case 'string':
      return connectType === 'bytes' ? BYTES : STRING;
    case 'number':
      return DOUBLE;
    case 'integer':
      if (title === CONNECT_TITLES.DATE) return DATE;
      if (title === CONNECT_TITLES.TIME) return TIME;
      if (title === CONNECT_TITLES.TIMESTAMP) return TIMESTAMP;
      return connectType !== undefined && /^int(8|16|32)$/.test(connectType) ? INTEGER : BIGINT;
  }
}

/** Key and value of objects that are the entries of a map; undefined for others. */
export function entryTypes(items: JsonType): readonly [key: JsonType, value: JsonType] | undefined {
  const entry = resolved(items);
  if (entry.kind !== 'object') return undefined;
  const key = entryPart(entry, 'key');
  const value = entryPart(entry, 'value');
  return key && value && [key, value];
}

function entryPart({ properties }: JsonObject, name: string): JsonType | undefined {
  const index = fieldIndex(
    properties.map((property) => property.name),
    name,
  );
  return properties[index]?.type;
}
