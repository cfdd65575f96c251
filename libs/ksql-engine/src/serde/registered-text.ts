import type { FormatInfo, FormatName } from '../catalog/data-source.js';
import { KsqlError } from '../errors/sql-error.js';
import type { RegisteredSchema, SchemaType } from '../ports/schema-registry.js';
import { jsonText } from '../types/json-text.js';
import { createSerde, formatOf } from './formats.js';
import type { InferredColumns } from './registry-codec.js';
import { schemaIdIn } from './registry-serde.js';

const FORMAT_OF: { readonly [T in SchemaType]: FormatName } = { AVRO: 'AVRO', JSON: 'JSON_SR', PROTOBUF: 'PROTOBUF' };

/** A part of a record that bears the id of a schema, as people read it. */
export interface RegisteredText {
  readonly format: FormatName;
  /** JSON of the fields by their names, or of the value that stands bare; undefined for bytes that are not of the schema. */
  read(bytes: Uint8Array): string | undefined;
}

/** The id that a part bears; undefined where it bears none. */
export function registeredId(bytes: Uint8Array): number | undefined {
  const id = schemaIdIn(Buffer.from(bytes), 0, bytes.length);
  return typeof id === 'number' && id > 0 ? id : undefined;
}

/** Compiles a schema into text. @returns undefined for one that gives no columns */
export function registeredText(schema: RegisteredSchema): RegisteredText | undefined {
  const format = FORMAT_OF[schema.type];
  for (const wrapping of [undefined, 'UNWRAP_SINGLES'] as const) {
    const info: FormatInfo = { format, properties: {}, wrapping, schema };
    const inferred = inferredBy(schema, info);
    if (inferred === undefined) continue;
    const { columns } = inferred;
    const serde = createSerde({ columns, isKey: false, info });
    const text = (row: readonly unknown[]): string => {
      const values = columns.map(({ name, type }, i) => [name, jsonText((row[i] ?? null) as never, type)] as const);
      if (wrapping !== undefined) return values[0]?.[1] ?? 'null';
      return `{${values.map(([name, value]) => `${JSON.stringify(name)}:${value}`).join(',')}}`;
    };
    return {
      format,
      read(bytes) {
        try {
          const row = serde.deserialize(bytes);
          return row === null ? 'null' : text(row);
        } catch {
          return undefined;
        }
      },
    };
  }
  return undefined;
}

function inferredBy(schema: RegisteredSchema, info: FormatInfo): InferredColumns | undefined {
  try {
    return formatOf(info).registry?.columnsOf(schema, { isKey: false, isById: true, info });
  } catch (error) {
    if (error instanceof KsqlError) return undefined;
    throw error;
  }
}
