import { formatType } from '../../types/format-type.js';
import type { SqlType, StructField } from '../../types/sql-type.js';
import type { SqlArray, SqlMap, SqlValue } from '../../types/sql-value.js';
import type { Vector } from '../../types/vector.js';
import type { ByteWriter } from '../byte-writer.js';
import { fieldIndex } from '../field-names.js';
import { alternativeName, isAlternatives } from '../json-alternatives.js';
import { jsonString } from '../json-text.js';
import {
  CLOSE_ARRAY,
  CLOSE_OBJECT,
  COLON,
  COMMA,
  jsonWriterOf,
  OPEN_ARRAY,
  OPEN_OBJECT,
  writeJsonText,
} from '../json-writer.js';
import type { RecordWriter } from '../registry-codec.js';
import { failureAt } from '../value-path.js';
import { resolved, type JsonObject, type JsonProperty, type JsonType } from './json-schema.js';
import { entryTypes } from './json-schema-types.js';

/** Appends one value, or null where the schema takes it. @throws Error when the schema takes neither */
type Write = (value: SqlValue, writer: ByteWriter) => void;

/** @param isBare the only column is the whole value; a null one is no bytes */
export function jsonSchemaWriter(type: JsonType, columns: readonly StructField[], isBare: boolean): RecordWriter {
  const [only] = columns;
  if (isBare && only !== undefined) {
    const write = writerOf(type, only.type);
    return {
      write: (vectors, at, writer) => {
        const value = (vectors[0] as Vector)[at] as SqlValue;
        if (value === null) return false;
        write(value, writer);
        return true;
      },
    };
  }
  const object = alternatives(type).find((branch): branch is JsonObject => branch.kind === 'object');
  if (object === undefined)
    throw new Error(`the schema is of the JSON type ${resolved(type).kind}, which columns cannot be written as`);
  const fields = new FieldsWriter(object, columns);
  return {
    write: (vectors, at, writer) => {
      fields.write((source) => (vectors[source] as Vector)[at] as SqlValue, writer);
      return true;
    },
  };
}

/** A type, or all that a union may be. */
function alternatives(type: JsonType): readonly ReturnType<typeof resolved>[] {
  const actual = resolved(type);
  return actual.kind === 'union' ? actual.branches.map(resolved) : [actual];
}

interface FieldWriter {
  /** Index of the column that fills it; −1: none does. */
  readonly source: number;
  /** `"name":` */
  readonly prefix: Buffer;
  readonly write: Write;
  /** What is written where nothing fills the property: JSON, nothing at all, or a reason to fail. */
  readonly absent: Buffer | undefined | Error;
  readonly place: string;
}

/** The properties of an object in the order of the schema. */
class FieldsWriter {
  private readonly fields: readonly FieldWriter[];

  constructor({ properties }: JsonObject, columns: readonly StructField[]) {
    const names = properties.map((property) => property.name);
    const targets = columns.map((column) => fieldIndex(names, column.name));
    this.fields = properties.map((property, i) => {
      const source = targets.indexOf(i);
      const column = columns[source];
      return {
        source,
        prefix: Buffer.from(`${jsonString(property.name)}:`),
        write: column === undefined ? () => undefined : writerOf(property.type, column.type),
        absent: absentOf(property, column !== undefined),
        place: `.${property.name}`,
      };
    });
  }

  write(valueOf: (source: number) => SqlValue, writer: ByteWriter): void {
    writer.byte(OPEN_OBJECT);
    let isFirst = true;
    for (const { source, prefix, write, absent, place } of this.fields) {
      const value = source < 0 ? null : valueOf(source);
      if (value === null && absent === undefined) continue;
      if (!isFirst) writer.byte(COMMA);
      isFirst = false;
      writer.bytes(prefix);
      try {
        if (value !== null) write(value, writer);
        else if (absent instanceof Error) throw absent;
        else if (absent !== undefined) writer.bytes(absent);
      } catch (error) {
        throw failureAt(place, error);
      }
    }
    writer.byte(CLOSE_OBJECT);
  }
}

/** A null is written where the schema takes it; a default is for what no column fills. */
function absentOf(property: JsonProperty, isFilled: boolean): Buffer | undefined | Error {
  if (property.default !== undefined && !isFilled) return Buffer.from(JSON.stringify(property.default));
  const takesNull = alternatives(property.type).some(({ kind }) => kind === 'null' || kind === 'any');
  if (takesNull) return Buffer.from('null');
  if (!property.isRequired) return undefined;
  return new Error(
    isFilled
      ? 'NULL where the schema requires a value'
      : `the property '${property.name}' is required by the schema and has no default, but no column fills it`,
  );
}

function writerOf(type: JsonType, sql: SqlType): Write {
  const branches = alternatives(type);
  const takesNull = branches.some(({ kind }) => kind === 'null' || kind === 'any');
  const write =
    sql.kind === 'STRUCT' && isAlternatives(sql)
      ? alternativesWriter(branches, sql.fields)
      : firstOf(branches, (branch) => valueWriter(branch, sql));
  if (write === undefined) throw new Error(`cannot write ${formatType(sql)} as the JSON type ${resolved(type).kind}`);
  return (value, writer) => {
    if (value !== null) return write(value, writer);
    if (!takesNull) throw new Error('NULL where the schema requires a value');
    writer.text('null');
  };
}

/** A STRUCT of alternatives: the one that is not null, by its place among those of the schema. */
function alternativesWriter(branches: readonly JsonType[], fields: readonly StructField[]): Write | undefined {
  const types = branches.filter(({ kind }) => kind !== 'null');
  const names = types.map((_type, i) => alternativeName(i));
  const writes = fields.map((field) => {
    const type = types[fieldIndex(names, field.name)];
    return type && writerOf(type, field.type);
  });
  if (writes.includes(undefined)) return undefined;
  return (value, writer) => {
    const items = value as SqlArray;
    const filled = writes.flatMap((_write, i) => ((items[i] ?? null) === null ? [] : [i]));
    const [at = -1] = filled;
    if (filled.length !== 1) {
      throw new Error(`a STRUCT of alternatives must have one field that is not NULL, but has ${filled.length}`);
    }
    writes[at]?.(items[at] as SqlValue, writer);
  };
}

function firstOf<T, R>(items: readonly T[], make: (item: T) => R | undefined): R | undefined {
  for (const item of items) {
    const made = make(item);
    if (made !== undefined) return made;
  }
  return undefined;
}

const WRITABLE: { readonly [K in JsonType['kind']]?: ReadonlySet<SqlType['kind']> } = {
  boolean: new Set<SqlType['kind']>(['BOOLEAN']),
  integer: new Set<SqlType['kind']>(['INTEGER', 'BIGINT', 'DATE', 'TIME', 'TIMESTAMP']),
  number: new Set<SqlType['kind']>(['INTEGER', 'BIGINT', 'DOUBLE', 'DECIMAL']),
  string: new Set<SqlType['kind']>(['STRING', 'BYTES']),
};

function valueWriter(type: ReturnType<typeof resolved>, sql: SqlType): Write | undefined {
  switch (type.kind) {
    case 'any':
      return jsonWriterOf(sql);
    case 'object': {
      if (sql.kind !== 'STRUCT') return undefined;
      const fields = new FieldsWriter(type, sql.fields);
      return (value, writer) => fields.write((source) => (value as SqlArray)[source] ?? null, writer);
    }
    case 'map':
      return sql.kind === 'MAP' ? mapWriter(writerOf(type.values, sql.value)) : undefined;
    case 'array':
      if (sql.kind === 'MAP') return entriesWriter(type.items, sql.key, sql.value);
      return sql.kind === 'ARRAY' ? listWriter(writerOf(type.items, sql.element)) : undefined;
    case 'null':
    case 'union':
      return undefined;
    default: {
      if (!WRITABLE[type.kind]?.has(sql.kind)) return undefined;
      const write = jsonWriterOf(sql);
      const { texts } = type;
      if (texts === undefined) return write;
      return (value, writer) => {
        if (!texts.includes(String(value)))
          throw new Error(`'${String(value)}' is none of the values that the schema allows`);
        write(value, writer);
      };
    }
  }
}

function listWriter(write: Write): Write {
  return (value, writer) => {
    const items = value as SqlArray;
    writer.byte(OPEN_ARRAY);
    for (let i = 0; i < items.length; i++) {
      if (i > 0) writer.byte(COMMA);
      try {
        write(items[i] as SqlValue, writer);
      } catch (error) {
        throw failureAt(`[${i}]`, error);
      }
    }
    writer.byte(CLOSE_ARRAY);
  };
}

function mapWriter(write: Write): Write {
  return (value, writer) => {
    writer.byte(OPEN_OBJECT);
    let isFirst = true;
    for (const [key, item] of value as SqlMap) {
      if (!isFirst) writer.byte(COMMA);
      isFirst = false;
      writeJsonText(String(key), writer);
      writer.byte(COLON);
      try {
        write(item, writer);
      } catch (error) {
        throw failureAt(`.${String(key)}`, error);
      }
    }
    writer.byte(CLOSE_OBJECT);
  };
}

/** A map as a list of its entries, each an object with a key and a value. */
function entriesWriter(items: JsonType, key: SqlType, value: SqlType): Write | undefined {
  if (entryTypes(items) === undefined) return undefined;
  const entry: SqlType = {
    kind: 'STRUCT',
    fields: [
      { name: 'key', type: key },
      { name: 'value', type: value },
    ],
  };
  const write = listWriter(writerOf(items, entry));
  return (map, writer) => write([...(map as SqlMap)], writer);
}
