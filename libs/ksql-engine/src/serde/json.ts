import { KsqlError } from '../errors/sql-error.js';
import { exactlyOfType, parseDecimal } from '../types/decimal-math.js';
import type { Decimal } from '../types/decimal.js';
import { parseInt32, parseInt64 } from '../types/integer-math.js';
import { doubleToText, parseDouble } from '../types/java-double.js';
import { formatType } from '../types/format-type.js';
import type { MapType, SqlType, StructType } from '../types/sql-type.js';
import { normalizeBigint, type SqlArray, type SqlMap, type SqlValue } from '../types/sql-value.js';
import { textToBytes } from '../types/text-to-value.js';
import type { Vector, WritableVector } from '../types/vector.js';
import { asBuffer } from './as-buffer.js';
import type { ByteWriter } from './byte-writer.js';
import { isBare } from './registry-columns.js';
import { Serde, type Format } from './format.js';
import type { SerdeOptions } from './serde-options.js';
import { JsonFieldTable } from './json-field-table.js';
import { JsonScanner } from './json-scanner.js';
import { jsonString, readAsText } from './json-text.js';

/**
 * JSON: one object per record with a field per column, or the bare value of a single unwrapped column.
 *
 * Reading is lenient: an upper-case column takes its field in any case (the exact one wins), another column its exact name alone, unknown
 * fields are skipped, missing ones are null, numbers may stand as text, a STRING takes any JSON. Writing is exact: every column, nulls explicit, decimals with their
 * full scale, doubles as Java spells them.
 */
export const jsonFormat: Format = {
  name: 'JSON',
  supportsKey: true,
  supportsValue: true,
  validate({ columns }) {
    for (const column of columns) checkMaps(column.type, column.name);
  },
  createSerde: (options) => (isBare(options) ? new BareJsonSerde(options) : new JsonSerde(options)),
};

function checkMaps(type: SqlType, column: string): void {
  if (type.kind === 'ARRAY') checkMaps(type.element, column);
  else if (type.kind === 'STRUCT') for (const field of type.fields) checkMaps(field.type, column);
  else if (type.kind === 'MAP') {
    if (type.key.kind !== 'STRING') {
      throw new KsqlError(
        `Format JSON only supports MAPs with STRING keys. Column '${column}' has type ${formatType(type)}`,
      );
    }
    checkMaps(type.value, column);
  }
}

class JsonSerde extends Serde {
  private readonly scanner = new JsonScanner();
  private readonly fields: JsonFieldTable;
  private readonly readers: readonly (Reader | null)[];
  /** The columns that have a reader. */
  private readonly neededColumns: readonly number[];
  private readonly places: readonly string[];
  private readonly prefixes: readonly Buffer[];
  private readonly writers: readonly Writer[];
  /** The fields of one record, before they go to their vectors. */
  private readonly row: SqlValue[];

  constructor({ columns, needed }: SerdeOptions) {
    super(columns.length);
    const names = columns.map((column) => column.name);
    this.fields = new JsonFieldTable(names);
    this.places = names.map((name) => `.${name}`);
    this.readers = columns.map((column, i) => (needed?.[i] === false ? null : readerOf(column.type)));
    this.neededColumns = [...columns.keys()].filter((i) => this.readers[i] !== null);
    this.prefixes = columns.map((column, i) => Buffer.from(`${i === 0 ? '{' : ','}${jsonString(column.name)}:`));
    this.writers = columns.map((column) => nullable(writerOf(column.type)));
    this.row = columns.map(() => null);
  }

  decode(bytes: Buffer, start: number, end: number, vectors: readonly WritableVector[], at: number): boolean {
    if (isOfRegistry(bytes, start, end)) return this.fails(OF_REGISTRY);
    const { scanner, row, neededColumns } = this;
    scanner.start(bytes, start, end);
    // Text behind the value is no mistake: readers of JSON streams stop where the value ends.
    const kind = scanner.peek();
    if (kind === 'null') {
      scanner.takeNull();
      return scanner.failure !== undefined && this.fails(scanner.failure);
    }
    if (kind !== 'object')
      return this.fails(scanner.failure ?? `A record must be a JSON object, but got a ${kind}, path: $`);
    for (let n = 0; n < neededColumns.length; n++) row[neededColumns[n] as number] = null;
    readFields(scanner, this.fields, this.readers, this.places, row);
    const { failure } = scanner;
    if (failure !== undefined) return this.fails(failure);
    for (let n = 0; n < neededColumns.length; n++) {
      const column = neededColumns[n] as number;
      (vectors[column] as WritableVector)[at] = row[column] as SqlValue;
    }
    return true;
  }

  encode(vectors: readonly Vector[], at: number, writer: ByteWriter): boolean {
    const { prefixes, writers } = this;
    for (let i = 0; i < writers.length; i++) {
      writer.bytes(prefixes[i] as Buffer);
      (writers[i] as Writer)((vectors[i] as Vector)[at] as SqlValue, writer);
    }
    if (writers.length === 0) writer.byte(OPEN_OBJECT);
    writer.byte(CLOSE_OBJECT);
    return true;
  }
}

/** One column without an object around it. */
class BareJsonSerde extends Serde {
  private readonly scanner = new JsonScanner();
  private readonly read: Reader;
  private readonly write: Writer;

  constructor({ columns }: SerdeOptions) {
    super(columns.length);
    const type = columns[0]?.type ?? { kind: 'STRING' };
    this.read = readerOf(type);
    this.write = writerOf(type);
  }

  decode(bytes: Buffer, start: number, end: number, vectors: readonly WritableVector[], at: number): boolean {
    if (isOfRegistry(bytes, start, end)) return this.fails(OF_REGISTRY);
    const { scanner } = this;
    scanner.start(bytes, start, end);
    const isNull = scanner.peek() === 'null';
    if (isNull) scanner.takeNull();
    else (vectors[0] as WritableVector)[at] = readAt(scanner, this.read, '');
    const { failure } = scanner;
    return failure === undefined ? !isNull : this.fails(failure);
  }

  encode(vectors: readonly Vector[], at: number, writer: ByteWriter): boolean {
    const value = (vectors[0] as Vector)[at] as SqlValue;
    if (value === null) return false;
    this.write(value, writer);
    return true;
  }
}

const OF_REGISTRY =
  'Data is not JSON: it starts with the magic byte 0 of a schema registry format. Try the format JSON_SR, AVRO or PROTOBUF';

const isOfRegistry = (bytes: Uint8Array, start: number, end: number): boolean => start < end && bytes[start] === 0;

/** Reads one value that is not null. */
type Reader = (scanner: JsonScanner) => SqlValue;

/** What a value of another kind throws is a failure of the scanner too. */
function readAt(scanner: JsonScanner, read: Reader, place: string): SqlValue {
  if (scanner.hasFailed) return null;
  let value: SqlValue = null;
  try {
    value = read(scanner);
  } catch (error) {
    scanner.fail(error instanceof Error ? error.message : String(error));
  }
  if (scanner.hasFailed) scanner.failedIn(place);
  return value;
}

/** After `peek` saw an object. Fields that nobody reads are skipped; the exact name beats other spellings. */
function readFields(
  scanner: JsonScanner,
  fields: JsonFieldTable,
  readers: readonly (Reader | null)[],
  places: readonly string[],
  row: SqlValue[],
): SqlValue[] {
  scanner.open();
  fields.startObject();
  for (let n = 0; scanner.hasField(n === 0); n++) {
    const slot = fields.take(scanner, n);
    const columns = slot.columns;
    // Nearly always one column; two when quoted names differ in case only, and then each reads the value anew.
    const start = scanner.position;
    let isRead = false;
    for (let c = 0; c < columns.length && !scanner.hasFailed; c++) {
      const index = columns[c] as number;
      const reader = readers[index] ?? null;
      if (reader === null || !fields.mayFill(index, slot)) continue;
      scanner.position = start;
      if (scanner.peek() === 'null') {
        scanner.takeNull();
        row[index] = null;
      } else row[index] = readAt(scanner, reader, places[index] as string);
      isRead = true;
    }
    if (!isRead) scanner.skipValue();
  }
  return row;
}

function mismatch(scanner: JsonScanner, type: SqlType): null {
  scanner.fail(`Can't convert type. sourceType: ${scanner.peek()}, requiredType: ${formatType(type)}`);
  return null;
}

/** Digits before the point; exponents are written out. */
function wholePart(text: string): bigint {
  const decimal = parseDecimal(text);
  return decimal.scale > 0 ? decimal.unscaled / 10n ** BigInt(decimal.scale) : decimal.unscaled;
}

/** Longer numbers are no measurements, and cost more than they are worth. */
const NUMBER_LENGTH_MAX = 1000;
const EXPONENT_MAX = 1000;

function checkedNumber(text: string): string {
  if (text.length > NUMBER_LENGTH_MAX) throw new Error(`Number is longer than ${NUMBER_LENGTH_MAX} characters`);
  const exponent = /[eE]([+-]?\d+)$/.exec(text)?.[1];
  if (exponent !== undefined && Math.abs(Number(exponent)) > EXPONENT_MAX) {
    throw new Error(`Number has an exponent out of range: ${text}`);
  }
  return text;
}

function readerOf(type: SqlType): Reader {
  switch (type.kind) {
    case 'BOOLEAN':
      return (scanner) => {
        const kind = scanner.peek();
        if (kind === 'true') scanner.takeTrue();
        else if (kind === 'false') scanner.takeFalse();
        else return mismatch(scanner, type);
        return kind === 'true';
      };
    case 'INTEGER':
      return (scanner) => {
        const kind = scanner.peek();
        if (kind === 'string') return parseInt32(checkedNumber(scanner.takeString()));
        if (kind !== 'number') return mismatch(scanner, type);
        const short = scanner.takeShortNumber();
        if (short === short) return short | 0;
        const text = scanner.takeNumber();
        return Number(BigInt.asIntN(32, wholePart(checkedNumber(text))));
      };
    case 'BIGINT':
      return bigintReader(type);
    case 'DOUBLE':
      return (scanner) => {
        const kind = scanner.peek();
        if (kind === 'number') {
          const short = scanner.takeShortNumber();
          // Zero has no sign in JSON: −0.0 is 0.0.
          return (short === short ? short : Number(scanner.takeNumber())) + 0;
        }
        if (kind === 'string') return parseDouble(scanner.takeString());
        return mismatch(scanner, type);
      };
    case 'DECIMAL':
      return (scanner) => {
        const kind = scanner.peek();
        if (kind !== 'number' && kind !== 'string') return mismatch(scanner, type);
        const text = kind === 'number' ? scanner.takeNumber() : scanner.takeString();
        return exactlyOfType(parseDecimal(checkedNumber(text)), type.precision, type.scale);
      };
    case 'STRING':
      return readAsText;
    case 'BYTES':
      return (scanner) => {
        if (scanner.peek() !== 'string') return mismatch(scanner, type);
        return textToBytes(scanner.takeString());
      };
    case 'DATE':
    case 'TIME':
    case 'TIMESTAMP': {
      const read = bigintReader(type);
      return (scanner) => Number(read(scanner));
    }
    case 'ARRAY': {
      const readItem = readerOf(type.element);
      return (scanner) => {
        if (scanner.peek() !== 'array') return mismatch(scanner, type);
        scanner.open();
        const items: SqlValue[] = [];
        for (let i = 0; scanner.hasItem(i === 0); i++) {
          if (scanner.peek() === 'null') {
            scanner.takeNull();
            items.push(null);
          } else items.push(readAt(scanner, readItem, `[${i}]`));
        }
        return items;
      };
    }
    case 'MAP':
      return mapReader(type);
    case 'STRUCT':
      return structReader(type);
  }
}

function bigintReader(type: SqlType): Reader {
  return (scanner) => {
    const kind = scanner.peek();
    if (kind === 'string') return parseInt64(checkedNumber(scanner.takeString()));
    if (kind !== 'number') return mismatch(scanner, type);
    const short = scanner.takeShortNumber();
    if (short === short) return Math.trunc(short) + 0;
    const text = scanner.takeNumber();
    return normalizeBigint(wholePart(checkedNumber(text)));
  };
}

function mapReader(type: MapType): Reader {
  const readItem = readerOf(type.value);
  return (scanner) => {
    if (scanner.peek() !== 'object') return mismatch(scanner, type);
    scanner.open();
    const map = new Map<SqlValue, SqlValue>();
    for (let isFirst = true; scanner.hasField(isFirst); isFirst = false) {
      const key = scanner.takeField();
      if (scanner.peek() === 'null') {
        scanner.takeNull();
        map.set(key, null);
      } else map.set(key, readAt(scanner, readItem, `.${key}`));
    }
    return map;
  };
}

function structReader(type: StructType): Reader {
  const names = type.fields.map((field) => field.name);
  const fields = new JsonFieldTable(names);
  const places = names.map((name) => `.${name}`);
  const readers = type.fields.map((field) => readerOf(field.type));
  const nullRow: SqlValue[] = type.fields.map(() => null);
  return (scanner) => {
    if (scanner.peek() !== 'object') return mismatch(scanner, type);
    return readFields(scanner, fields, readers, places, nullRow.slice());
  };
}

/** Appends one value that is not null. */
type Writer = (value: SqlValue, writer: ByteWriter) => void;

const CLOSE_OBJECT = 0x7d;
const COMMA = 0x2c;
const COLON = 0x3a;
const OPEN_OBJECT = 0x7b;
const OPEN_ARRAY = 0x5b;
const CLOSE_ARRAY = 0x5d;

function writeString(text: string, writer: ByteWriter): void {
  if (!writer.quoted(text)) writer.text(jsonString(text));
}

function writerOf(type: SqlType): Writer {
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
      return (value, writer) => writeString(value as string, writer);
    case 'BYTES':
      return (value, writer) => writer.text(`"${base64(value as Uint8Array)}"`);
    case 'ARRAY': {
      const write = nullable(writerOf(type.element));
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
      const write = nullable(writerOf(type.value));
      return (value, writer) => {
        let before = OPEN_OBJECT;
        for (const [key, item] of value as SqlMap) {
          writer.byte(before);
          writeString(String(key), writer);
          writer.byte(COLON);
          write(item, writer);
          before = COMMA;
        }
        if (before === OPEN_OBJECT) writer.byte(OPEN_OBJECT);
        writer.byte(CLOSE_OBJECT);
      };
    }
    case 'STRUCT': {
      const writers = type.fields.map((field) => nullable(writerOf(field.type)));
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

function nullable(write: Writer): Writer {
  return (value, writer) => {
    if (value === null) writer.text('null');
    else write(value, writer);
  };
}

function base64(bytes: Uint8Array): string {
  return asBuffer(bytes).toString('base64');
}
