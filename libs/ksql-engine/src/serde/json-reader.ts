import { exactlyOfType, parseDecimal } from '../types/decimal-math.js';
import { parseInt32, parseInt64 } from '../types/integer-math.js';
import { parseDouble } from '../types/java-double.js';
import { formatType } from '../types/format-type.js';
import { arrayType, structType, type MapType, type SqlType, type StructType } from '../types/sql-type.js';
import { normalizeBigint, type SqlArray, type SqlValue } from '../types/sql-value.js';
import { textToBytes } from '../types/text-to-value.js';
import { alternativeOf, isAlternatives } from './json-alternatives.js';
import { JsonFieldTable } from './json-field-table.js';
import type { JsonScanner } from './json-scanner.js';
import { readAsText } from './json-text.js';

/** Reads one value that is not null. */
export type JsonReader = (scanner: JsonScanner) => SqlValue;

/** What a value of another kind throws is a failure of the scanner too. */
export function readAt(scanner: JsonScanner, read: JsonReader, place: string): SqlValue {
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
export function readFields(
  scanner: JsonScanner,
  fields: JsonFieldTable,
  readers: readonly (JsonReader | null)[],
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

/**
 * @param isConnect values are as Connect spells them: a MAP may also be an array of objects with `key` and `value`, and a STRUCT of
 * alternatives is one of them
 */
export function jsonReaderOf(type: SqlType, isConnect = false): JsonReader {
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
      const readItem = jsonReaderOf(type.element, isConnect);
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
      return mapReader(type, isConnect);
    case 'STRUCT':
      return isConnect && isAlternatives(type) ? alternativesReader(type) : structReader(type, isConnect);
  }
}

function bigintReader(type: SqlType): JsonReader {
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

function mapReader(type: MapType, isConnect: boolean): JsonReader {
  const readItem = jsonReaderOf(type.value, isConnect);
  const readEntries = isConnect ? entriesReader(type) : undefined;
  return (scanner) => {
    const kind = scanner.peek();
    if (kind === 'array' && readEntries !== undefined) return readEntries(scanner);
    if (kind !== 'object') return mismatch(scanner, type);
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

/** A MAP as Connect writes one whose keys may be null: an array of entries. */
function entriesReader({ key, value }: MapType): JsonReader {
  const entry = structType([
    { name: 'KEY', type: key },
    { name: 'VALUE', type: value },
  ]);
  const readList = jsonReaderOf(arrayType(entry), true);
  return (scanner) => {
    const map = new Map<SqlValue, SqlValue>();
    for (const item of (readList(scanner) ?? []) as readonly (SqlArray | null)[]) {
      if (item === null) throw new Error('An entry of a MAP is null');
      map.set(item[0] ?? null, item[1] ?? null);
    }
    return map;
  };
}

function structReader(type: StructType, isConnect: boolean): JsonReader {
  const names = type.fields.map((field) => field.name);
  const fields = new JsonFieldTable(names);
  const places = names.map((name) => `.${name}`);
  const readers = type.fields.map((field) => jsonReaderOf(field.type, isConnect));
  const nullRow: SqlValue[] = type.fields.map(() => null);
  return (scanner) => {
    if (scanner.peek() !== 'object') return mismatch(scanner, type);
    return readFields(scanner, fields, readers, places, nullRow.slice());
  };
}

/** Any one of several types, as the STRUCT in which its field is the only one that is not null. */
function alternativesReader(type: StructType): JsonReader {
  const readers = type.fields.map((field) => jsonReaderOf(field.type, true));
  return (scanner) => {
    const kind = scanner.peek();
    const start = scanner.position;
    const number = kind === 'number' ? scanner.takeNumber() : '';
    scanner.position = start;
    const at = alternativeOf(type, kind, number);
    const read = readers[at];
    if (read === undefined) return mismatch(scanner, type);
    const row: SqlValue[] = readers.map(() => null);
    row[at] = readAt(scanner, read, '');
    return row;
  };
}
