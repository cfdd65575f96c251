import { KsqlError } from '../errors/sql-error.js';
import { exactlyOfType, parseDecimal } from '../types/decimal-math.js';
import type { Decimal } from '../types/decimal.js';
import { formatType } from '../types/format-type.js';
import { parseInt32, parseInt64 } from '../types/integer-math.js';
import { doubleToText, parseDouble } from '../types/java-double.js';
import type { SqlType } from '../types/sql-type.js';
import type { Row, SqlValue } from '../types/sql-value.js';
import { textToBytes } from '../types/text-to-value.js';
import { asBuffer } from './as-buffer.js';
import type { Format, Serde, SerdeOptions } from './format.js';

/**
 * DELIMITED: one line of separated fields per record, in column order. A field that contains the delimiter, a quote or a
 * line break stands in double quotes, quotes inside doubled. An empty field is null.
 */
export const delimitedFormat: Format = {
  name: 'DELIMITED',
  supportsKey: true,
  supportsValue: true,
  needsRegistry: false,
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

class DelimitedSerde implements Serde {
  private readonly types: readonly SqlType[];
  private readonly fields: readonly Field[];
  private readonly names: readonly string[];
  private readonly needed: readonly boolean[] | undefined;
  private readonly delimiter: string;

  constructor({ columns, info, needed }: SerdeOptions) {
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

  deserialize(bytes: Uint8Array | null): Row | null {
    if (bytes === null) return null;
    const text = asBuffer(bytes).toString('utf8');
    const parts = splitLine(text, this.delimiter);
    if (parts.length !== this.fields.length) {
      throw new Error(`Unexpected field count, csvFields:${parts.length}, schemaFields:${this.fields.length}`);
    }
    return parts.map((part, i) => {
      if (part === '' || this.needed?.[i] === false) return null;
      try {
        return (this.fields[i] as Field).read(part, this.types[i] as SqlType);
      } catch (error) {
        throw new Error(
          `Field '${this.names[i] ?? i}' can not be read as ${formatType(this.types[i] as SqlType)}: ${error instanceof Error ? error.message : String(error)}`,
          { cause: error },
        );
      }
    });
  }

  serialize(row: Row | null): Uint8Array | null {
    if (row === null) return null;
    if (row.length === 1 && row[0] === null) return null;
    const parts = row.map((value, i) =>
      value === null ? '' : this.quoted((this.fields[i] as Field).write(value), i === 0),
    );
    return Buffer.from(parts.join(this.delimiter));
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
