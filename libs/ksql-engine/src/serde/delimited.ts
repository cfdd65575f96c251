import { KsqlError } from '../errors/sql-error.js';
import { exactlyOfType, parseDecimal } from '../types/decimal-math.js';
import type { Decimal } from '../types/decimal.js';
import { formatType } from '../types/format-type.js';
import { parseInt32, parseInt64 } from '../types/integer-math.js';
import { doubleToText, parseDouble } from '../types/java-double.js';
import type { SqlType } from '../types/sql-type.js';
import type { SqlValue } from '../types/sql-value.js';
import { textToBytes } from '../types/text-to-value.js';
import type { Vector, WritableVector } from '../types/vector.js';
import type { ByteWriter } from './byte-writer.js';
import { utf8Text } from './bytes-text.js';
import { Serde, type Format } from './format.js';
import type { SerdeOptions } from './serde-options.js';

/**
 * DELIMITED: one line of separated fields per record, in column order. A field that contains the delimiter, a quote or a
 * line break stands in double quotes, quotes inside doubled. An empty field is null.
 */
export const delimitedFormat: Format = {
  name: 'DELIMITED',
  supportsKey: true,
  supportsValue: true,
  validate({ columns, info }) {
    delimiterOf(info.properties);
    for (const { name, type } of columns) {
      if (!(type.kind in FIELDS)) {
        throw new KsqlError(`The 'DELIMITED' format does not support type '${type.kind}', column: \`${name}\``);
      }
    }
  },
  createSerde: (options) => new DelimitedSerde(options),
};

/** Where the delimiter stands in `FormatInfo.properties`. */
const DELIMITER_PROPERTY = 'delimiter';

function delimiterOf(properties: Readonly<Record<string, string>>): string {
  const given = properties[DELIMITER_PROPERTY] ?? ',';
  if (given === 'SPACE') return ' ';
  if (given === 'TAB') return '\t';
  if (given.length !== 1) {
    throw new KsqlError(`Invalid delimiter value: '${given}'. Delimiter must be a single character or TAB,SPACE`);
  }
  return given;
}

interface Field {
  read(text: string, type: SqlType): SqlValue;
  write(value: SqlValue): string;
}
const int64: Field = { read: (text) => parseInt64(text), write: String };
const FIELDS: { readonly [K in SqlType['kind']]?: Field } = {
  BOOLEAN: { read: (text) => text.toLowerCase() === 'true', write: String },
  INTEGER: { read: (text) => parseInt32(text), write: String },
  BIGINT: int64,
  DOUBLE: { read: (text) => parseDouble(text), write: (value) => doubleToText(value as number) },
  DECIMAL: {
    read(text, type) {
      if (type.kind !== 'DECIMAL') throw new Error('not a decimal');
      return exactlyOfType(parseDecimal(text), type.precision, type.scale);
    },
    write: (value) => (value as Decimal).toString(),
  },
  STRING: { read: (text) => text, write: (value) => value as string },
  BYTES: {
    read: (text) => textToBytes(text),
    write: (value) => Buffer.from(value as Uint8Array).toString('base64'),
  },
  DATE: { read: (text) => Number(parseInt64(text)), write: String },
  TIME: { read: (text) => Number(parseInt64(text)), write: String },
  TIMESTAMP: { read: (text) => Number(parseInt64(text)), write: String },
};

class DelimitedSerde extends Serde {
  private readonly types: readonly SqlType[];
  private readonly fields: readonly Field[];
  private readonly names: readonly string[];
  private readonly needed: readonly boolean[] | undefined;
  private readonly delimiter: string;

  constructor({ columns, info, needed }: SerdeOptions) {
    super(columns.length);
    this.types = columns.map(({ type }) => type);
    this.names = columns.map(({ name }) => name);
    this.needed = needed;
    this.delimiter = delimiterOf(info.properties);
    this.fields = columns.map(({ type }) => {
      const field = FIELDS[type.kind];
      if (!field) throw new KsqlError(`The 'DELIMITED' format does not support type '${type.kind}'`);
      return field;
    });
  }

  decode(bytes: Buffer, start: number, end: number, vectors: readonly WritableVector[], at: number): boolean {
    const parts = splitLine(utf8Text(bytes, start, end), this.delimiter);
    if (parts.length !== this.fields.length) {
      return this.fails(`Unexpected field count, csvFields:${parts.length}, schemaFields:${this.fields.length}`);
    }
    for (let i = 0; i < parts.length; i++) {
      const part = parts[i] as string;
      if (part !== '' && this.needed?.[i] !== false) (vectors[i] as WritableVector)[at] = this.read(i, part);
    }
    return true;
  }

  private read(column: number, text: string): SqlValue {
    const type = this.types[column] as SqlType;
    try {
      return (this.fields[column] as Field).read(text, type);
    } catch (error) {
      throw new Error(
        `Field '${this.names[column] ?? column}' can not be read as ${formatType(type)}: ${error instanceof Error ? error.message : String(error)}`,
        { cause: error },
      );
    }
  }

  encode(vectors: readonly Vector[], at: number, writer: ByteWriter): boolean {
    if (vectors.length === 1 && (vectors[0] as Vector)[at] === null) return false;
    for (let i = 0; i < vectors.length; i++) {
      if (i > 0) writer.text(this.delimiter);
      const value = (vectors[i] as Vector)[at] as SqlValue;
      if (value !== null) writer.text(this.quoted((this.fields[i] as Field).write(value), i === 0));
    }
    return true;
  }

  /** As Commons CSV quotes: a line begins with a letter or a digit, a field never with `#` or below nor ends with a blank. */
  private quoted(text: string, isFirst: boolean): string {
    const needsQuotes =
      text === ''
        ? isFirst
        : (isFirst && !/^[0-9A-Za-z]/.test(text)) ||
          text.charCodeAt(0) <= 0x23 ||
          text.charCodeAt(text.length - 1) <= 0x20;
    if (!needsQuotes && !text.includes(this.delimiter) && !/["\r\n]/.test(text)) return text;
    return `"${text.replaceAll('"', '""')}"`;
  }
}

function splitLine(text: string, delimiter: string): string[] {
  const parts: string[] = [];
  let i = 0;
  for (;;) {
    if (text[i] === '"') {
      let part = '';
      i++;
      for (;;) {
        const quote = text.indexOf('"', i);
        if (quote === -1) throw new Error('A quoted field has no closing quote');
        part += text.slice(i, quote);
        i = quote + 1;
        if (text[i] !== '"') break;
        part += '"';
        i++;
      }
      if (i < text.length && text[i] !== delimiter && text[i] !== '\n' && text[i] !== '\r') {
        throw new Error(`Unexpected text after a quoted field at character ${i}`);
      }
      parts.push(part);
    } else {
      const at = text.indexOf(delimiter, i);
      let end = at === -1 ? text.length : at;
      const line = /[\r\n]/.exec(text.slice(i, end));
      if (line) end = i + line.index;
      parts.push(text.slice(i, end));
      i = end;
    }
    if (text[i] !== delimiter) return parts;
    i++;
  }
}
