import type { Decimal } from '../types/decimal.js';
import { doubleToText } from '../types/java-double.js';
import type { SqlType } from '../types/sql-type.js';
import type { SqlArray, SqlMap, SqlValue } from '../types/sql-value.js';
import { asBuffer } from './as-buffer.js';
import type { ByteWriter } from './byte-writer.js';
import { jsonString } from './json-text.js';

/** Appends one value that is not null. */
export type JsonWriter = (value: SqlValue, writer: ByteWriter) => void;

export const CLOSE_OBJECT = 0x7d;
export const COMMA = 0x2c;
export const COLON = 0x3a;
export const OPEN_OBJECT = 0x7b;
export const OPEN_ARRAY = 0x5b;
export const CLOSE_ARRAY = 0x5d;

export function writeJsonText(text: string, writer: ByteWriter): void {
  if (!writer.quoted(text)) writer.text(jsonString(text));
}

export function jsonWriterOf(type: SqlType): JsonWriter {
  switch (type.kind) {
    case 'INTEGER':
    case 'BIGINT':
    case 'DATE':
    case 'TIME':
    case 'TIMESTAMP':
      return (value, writer) => {
        if (typeof value === 'number') writer.integer(value);
        else writer.text(String(value));
      };
    case 'BOOLEAN':
      return (value, writer) => writer.text(String(value));
    case 'DOUBLE':
      return (value, writer) => {
        const text = doubleToText(value as number);
        writer.text(Number.isFinite(value) ? text : `"${text}"`);
      };
    case 'DECIMAL':
      return (value, writer) => writer.text((value as Decimal).toString());
    case 'STRING':
      return (value, writer) => writeJsonText(value as string, writer);
    case 'BYTES':
      return (value, writer) => writer.text(`"${base64(value as Uint8Array)}"`);
    case 'ARRAY': {
      const write = nullable(jsonWriterOf(type.element));
      return (value, writer) => {
        const items = value as SqlArray;
        writer.byte(OPEN_ARRAY);
        for (let i = 0; i < items.length; i++) {
          if (i > 0) writer.byte(COMMA);
          write(items[i] as SqlValue, writer);
        }
        writer.byte(CLOSE_ARRAY);
      };
    }
    case 'MAP': {
      const write = nullable(jsonWriterOf(type.value));
      return (value, writer) => {
        let before = OPEN_OBJECT;
        for (const [key, item] of value as SqlMap) {
          writer.byte(before);
          writeJsonText(String(key), writer);
          writer.byte(COLON);
          write(item, writer);
          before = COMMA;
        }
        if (before === OPEN_OBJECT) writer.byte(OPEN_OBJECT);
        writer.byte(CLOSE_OBJECT);
      };
    }
    case 'STRUCT': {
      const writers = type.fields.map((field) => nullable(jsonWriterOf(field.type)));
      const names = type.fields.map((field, i) => `${i === 0 ? '{' : ','}${jsonString(field.name)}:`);
      return (value, writer) => {
        writers.forEach((write, i) => {
          writer.text(names[i] as string);
          write((value as SqlArray)[i] ?? null, writer);
        });
        writer.text(writers.length === 0 ? '{}' : '}');
      };
    }
  }
}

export function nullable(write: JsonWriter): JsonWriter {
  return (value, writer) => {
    if (value === null) writer.text('null');
    else write(value, writer);
  };
}

function base64(bytes: Uint8Array): string {
  return asBuffer(bytes).toString('base64');
}
