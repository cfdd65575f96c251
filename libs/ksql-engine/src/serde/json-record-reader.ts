import type { Column } from '../catalog/schema.js';
import type { SqlValue } from '../types/sql-value.js';
import type { WritableVector } from '../types/vector.js';
import { JsonFieldTable } from './json-field-table.js';
import { jsonReaderOf, readAt, readFields, type JsonReader } from './json-reader.js';
import { JsonScanner } from './json-scanner.js';
import type { RecordReader } from './registry-codec.js';

/** An object per record with a field per column. */
export class JsonRecordReader implements RecordReader {
  private readonly scanner = new JsonScanner();
  private readonly fields: JsonFieldTable;
  private readonly readers: readonly (JsonReader | null)[];
  /** The columns that have a reader. */
  private readonly neededColumns: readonly number[];
  private readonly places: readonly string[];
  /** The fields of one record, before they go to their vectors. */
  private readonly row: SqlValue[];

  /** @param isConnect as `jsonReaderOf` */
  constructor(columns: readonly Column[], needed: readonly boolean[] | undefined, isConnect = false) {
    const names = columns.map((column) => column.name);
    this.fields = new JsonFieldTable(names);
    this.places = names.map((name) => `.${name}`);
    this.readers = columns.map(({ type }, i) => (needed?.[i] === false ? null : jsonReaderOf(type, isConnect)));
    this.neededColumns = [...columns.keys()].filter((i) => this.readers[i] !== null);
    this.row = columns.map(() => null);
  }

  read(bytes: Buffer, start: number, end: number, vectors: readonly WritableVector[], at: number): boolean | string {
    const { scanner, row, neededColumns } = this;
    scanner.start(bytes, start, end);
    // Text behind the value is no mistake: readers of JSON streams stop where the value ends.
    const kind = scanner.peek();
    if (kind === 'null') {
      scanner.takeNull();
      return scanner.failure ?? false;
    }
    if (kind !== 'object') return scanner.failure ?? `A record must be a JSON object, but got a ${kind}, path: $`;
    for (let n = 0; n < neededColumns.length; n++) row[neededColumns[n] as number] = null;
    readFields(scanner, this.fields, this.readers, this.places, row);
    const { failure } = scanner;
    if (failure !== undefined) return failure;
    for (let n = 0; n < neededColumns.length; n++) {
      const column = neededColumns[n] as number;
      (vectors[column] as WritableVector)[at] = row[column] as SqlValue;
    }
    return true;
  }
}

/** One column without an object around it. */
export class BareJsonReader implements RecordReader {
  private readonly scanner = new JsonScanner();
  private readonly readValue: JsonReader;

  /** @param isConnect as `jsonReaderOf` */
  constructor(columns: readonly Column[], isConnect = false) {
    this.readValue = jsonReaderOf(columns[0]?.type ?? { kind: 'STRING' }, isConnect);
  }

  read(bytes: Buffer, start: number, end: number, vectors: readonly WritableVector[], at: number): boolean | string {
    const { scanner } = this;
    scanner.start(bytes, start, end);
    const isNull = scanner.peek() === 'null';
    if (isNull) scanner.takeNull();
    else (vectors[0] as WritableVector)[at] = readAt(scanner, this.readValue, '');
    return scanner.failure ?? !isNull;
  }
}
