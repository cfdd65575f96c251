import { Decimal } from '../../types/decimal.js';
import * as types from '../../types/sql-type.js';
import type { PrimitiveType, SqlType, StructField } from '../../types/sql-type.js';
import type { SqlValue } from '../../types/sql-value.js';
import { lazy, list, number, object, oneOf, readObject, refuse, text, type Codec, type Json } from './json-codec.js';

const PRIMITIVES: { readonly [K in PrimitiveType['kind']]: PrimitiveType } = {
  BOOLEAN: types.BOOLEAN,
  INTEGER: types.INTEGER,
  BIGINT: types.BIGINT,
  DOUBLE: types.DOUBLE,
  STRING: types.STRING,
  BYTES: types.BYTES,
  DATE: types.DATE,
  TIME: types.TIME,
  TIMESTAMP: types.TIMESTAMP,
};
const primitive = oneOf(...(Object.keys(PRIMITIVES) as PrimitiveType['kind'][]));

/** Types with parts, by the name that each has in JSON: `{"ARRAY": "INTEGER"}`. */
type Composite = Exclude<SqlType, PrimitiveType>;
const COMPOSITES: { readonly [K in Composite['kind']]: Codec<Extract<SqlType, { readonly kind: K }>> } = {
  DECIMAL: {
    encode: ({ precision, scale }) => [precision, scale],
    decode: (json) => {
      const [precision, scale] = list(number).decode(json);
      return types.decimalType(precision ?? refuse('a precision', json), scale ?? refuse('a scale', json));
    },
  },
  ARRAY: {
    encode: ({ element }) => sqlType.encode(element),
    decode: (json) => types.arrayType(sqlType.decode(json)),
  },
  MAP: {
    encode: ({ key, value }) => [sqlType.encode(key), sqlType.encode(value)],
    decode: (json) => {
      const [key, value] = list(sqlType).decode(json);
      return types.mapType(key ?? refuse('a key type', json), value ?? refuse('a value type', json));
    },
  },
  STRUCT: {
    encode: ({ fields }) => structFields.encode(fields),
    decode: (json) => types.structType(structFields.decode(json)),
  },
};

/** `"BIGINT"`, `{"DECIMAL": [5, 2]}`, `{"STRUCT": [{"name": "A", "type": "INTEGER"}]}`. */
export const sqlType: Codec<SqlType> = {
  encode: (type) =>
    type.kind in PRIMITIVES
      ? type.kind
      : { [type.kind]: (COMPOSITES[type.kind as Composite['kind']] as Codec<SqlType>).encode(type) },
  decode: (json) => {
    if (typeof json === 'string') return PRIMITIVES[primitive.decode(json)];
    const [kind = '', parts] = Object.entries(readObject(json))[0] ?? [];
    if (!Object.hasOwn(COMPOSITES, kind)) return refuse('a type', json);
    return COMPOSITES[kind as Composite['kind']].decode(parts);
  },
};
const structFields = list(object<StructField>({ name: text, type: lazy(() => sqlType) }));

/**
 * Values as JSON has them, where it has them; all others as an object with one key, the tag: `{"bigint": "9007199254740993"}`,
 * `{"decimal": ["110", 2]}`, `{"bytes": "AAE="}` (base64), `{"double": "-Infinity"}`, `{"map": [[key, value], …]}`. An ARRAY or STRUCT is a
 * list.
 */
export const sqlValue: Codec<SqlValue> = {
  encode: (value): Json => {
    if (value === null || typeof value === 'boolean' || typeof value === 'string') return value;
    if (typeof value === 'number')
      return isPlain(value) ? value : { double: Object.is(value, -0) ? '-0' : String(value) };
    if (typeof value === 'bigint') return { bigint: String(value) };
    if (value instanceof Uint8Array) return { bytes: Buffer.from(value).toString('base64') };
    if (value instanceof Decimal) return { decimal: [String(value.unscaled), value.scale] };
    if (value instanceof Map)
      return { map: [...value].map(([key, each]) => [sqlValue.encode(key), sqlValue.encode(each)]) };
    return values.encode(value as readonly SqlValue[]);
  },
  decode: (json) => {
    if (json === null || typeof json === 'boolean' || typeof json === 'string' || typeof json === 'number') return json;
    if (Array.isArray(json)) return values.decode(json);
    const [tag = '', content] = Object.entries(readObject(json))[0] ?? [];
    return Object.hasOwn(TAGS, tag) ? TAGS[tag as keyof typeof TAGS](content) : refuse('a value', json);
  },
};
const values = list(sqlValue);

const isPlain = (value: number): boolean => Number.isFinite(value) && !Object.is(value, -0);

const DOUBLES: Readonly<Record<string, number>> = { NaN, Infinity, '-Infinity': -Infinity, '-0': -0 };

const TAGS = {
  double: (content: unknown): SqlValue => DOUBLES[text.decode(content)] ?? refuse('a double', content),
  bigint: (content: unknown): SqlValue => integer(text.decode(content)),
  bytes: (content: unknown): SqlValue => Uint8Array.from(Buffer.from(text.decode(content), 'base64')),
  decimal: (content: unknown): SqlValue => {
    const [unscaled, scale] = Array.isArray(content) ? (content as readonly unknown[]) : [];
    return new Decimal(integer(text.decode(unscaled)), number.decode(scale));
  },
  map: (content: unknown): SqlValue =>
    new Map(
      list(values)
        .decode(content)
        .map(([key = null, value = null]) => [key, value]),
    ),
};

function integer(digits: string): bigint {
  return /^-?\d+$/.test(digits) ? BigInt(digits) : refuse('an integer', digits);
}
