import type { RecordHeader } from './record-header.js';

/** A record as an object: made on demand, where one is looked at by itself. */
export interface RecordParts {
  readonly key: Uint8Array | null;
  readonly value: Uint8Array | null;
  /** ms */
  readonly timestamp: number;
  readonly headers: readonly RecordHeader[];
}

/** A committed record as read. */
export interface FetchedRecord extends RecordParts {
  readonly partition: number;
  readonly offset: number;
}

const NO_BYTES = Buffer.alloc(0);

/**
 * Records in order, an array per property instead of an object per record. Key and value are parts of a buffer that many records share:
 * of `buffers[i]` the bytes from start to end; a start of −1 is a null. Looking at one (`at`, iterating) makes an object and views.
 */
export class RecordColumns implements Iterable<RecordParts> {
  readonly buffers: Buffer[];
  readonly keyStarts: number[];
  readonly keyEnds: number[];
  readonly valueStarts: number[];
  readonly valueEnds: number[];
  /** ms */
  readonly timestamps: number[];
  readonly headers: (readonly RecordHeader[])[];
  /** How many there are; the arrays may have room for more. */
  length = 0;

  /** With room for so many; it grows when more come. */
  constructor(capacity = 0) {
    this.buffers = new Array<Buffer>(capacity);
    this.keyStarts = new Array<number>(capacity);
    this.keyEnds = new Array<number>(capacity);
    this.valueStarts = new Array<number>(capacity);
    this.valueEnds = new Array<number>(capacity);
    this.timestamps = new Array<number>(capacity);
    this.headers = new Array<readonly RecordHeader[]>(capacity);
  }

  static of(records: Iterable<RecordParts>): RecordColumns {
    const columns = new RecordColumns();
    for (const record of records) columns.add(record);
    return columns;
  }

  append(
    buffer: Buffer,
    keyStart: number,
    keyEnd: number,
    valueStart: number,
    valueEnd: number,
    timestamp: number,
    headers: readonly RecordHeader[],
  ): void {
    const at = this.length++;
    this.buffers[at] = buffer;
    this.keyStarts[at] = keyStart;
    this.keyEnds[at] = keyEnd;
    this.valueStarts[at] = valueStart;
    this.valueEnds[at] = valueEnd;
    this.timestamps[at] = timestamp;
    this.headers[at] = headers;
  }

  /** Copies the bytes of a record. */
  add({ key, value, timestamp, headers }: RecordParts): void {
    const keyBytes = key?.length ?? 0;
    const end = keyBytes + (value?.length ?? 0);
    const buffer = end === 0 ? NO_BYTES : Buffer.concat([key ?? NO_BYTES, value ?? NO_BYTES]);
    this.append(buffer, key === null ? -1 : 0, keyBytes, value === null ? -1 : keyBytes, end, timestamp, headers);
  }

  /** Appends a record of another, with a time and headers of its own if told; its bytes stay where they are. */
  appendFrom(
    other: RecordColumns,
    index: number,
    timestamp = other.timestamps[index] as number,
    headers = other.headers[index] as readonly RecordHeader[],
  ): void {
    this.append(
      other.buffers[index] as Buffer,
      other.keyStarts[index] as number,
      other.keyEnds[index] as number,
      other.valueStarts[index] as number,
      other.valueEnds[index] as number,
      timestamp,
      headers,
    );
  }

  /** Views of the bytes of a record. */
  keyAt(index: number): Uint8Array | null {
    const start = this.keyStarts[index] as number;
    return start < 0 ? null : (this.buffers[index] as Buffer).subarray(start, this.keyEnds[index]);
  }
  valueAt(index: number): Uint8Array | null {
    const start = this.valueStarts[index] as number;
    return start < 0 ? null : (this.buffers[index] as Buffer).subarray(start, this.valueEnds[index]);
  }

  at(index: number): RecordParts {
    return {
      key: this.keyAt(index),
      value: this.valueAt(index),
      timestamp: this.timestamps[index] as number,
      headers: this.headers[index] as readonly RecordHeader[],
    };
  }

  *[Symbol.iterator](): Generator<RecordParts> {
    for (let i = 0; i < this.length; i++) yield this.at(i);
  }
}

/** Committed records as read, by columns, with where each came from. */
export class FetchedRecords implements Iterable<FetchedRecord> {
  readonly parts: RecordColumns;
  readonly partitions: number[];
  readonly offsets: number[];
  /** Whether several queries are handed these same records, so that what one makes of them is worth keeping. */
  isShared = false;

  /** With room for so many; it grows when more come. */
  constructor(capacity = 0) {
    this.parts = new RecordColumns(capacity);
    this.partitions = new Array<number>(capacity);
    this.offsets = new Array<number>(capacity);
  }

  static of(records: Iterable<FetchedRecord>): FetchedRecords {
    const fetched = new FetchedRecords();
    for (const record of records) {
      fetched.parts.add(record);
      fetched.place(record.partition, record.offset);
    }
    return fetched;
  }

  get length(): number {
    return this.parts.length;
  }

  /** Where the record came from that was just appended to `parts`. */
  place(partition: number, offset: number): void {
    const at = this.parts.length - 1;
    this.partitions[at] = partition;
    this.offsets[at] = offset;
  }

  /** Appends records of another; their bytes stay where they are. */
  appendRange(other: FetchedRecords, from: number, to: number): void {
    for (let i = from; i < to; i++) {
      this.parts.appendFrom(other.parts, i);
      this.place(other.partitions[i] as number, other.offsets[i] as number);
    }
  }

  at(index: number): FetchedRecord {
    const { partitions, offsets } = this;
    return { ...this.parts.at(index), partition: partitions[index] as number, offset: offsets[index] as number };
  }

  /** The record without a look at its bytes. */
  inPlace(index: number): FetchedRecordInPlace {
    return new FetchedRecordInPlace(this, index);
  }

  *[Symbol.iterator](): Generator<FetchedRecord> {
    for (let i = 0; i < this.length; i++) yield this.at(i);
  }
}

/** A record where it is: of its bytes there is a view once somebody asks for them. */
export class FetchedRecordInPlace implements FetchedRecord {
  constructor(
    private readonly records: FetchedRecords,
    private readonly index: number,
  ) {}

  get key(): Uint8Array | null {
    return this.records.parts.keyAt(this.index);
  }
  get value(): Uint8Array | null {
    return this.records.parts.valueAt(this.index);
  }
  get timestamp(): number {
    return this.records.parts.timestamps[this.index] as number;
  }
  get headers(): readonly RecordHeader[] {
    return this.records.parts.headers[this.index] as readonly RecordHeader[];
  }
  get partition(): number {
    return this.records.partitions[this.index] as number;
  }
  get offset(): number {
    return this.records.offsets[this.index] as number;
  }

  /** Appends its bytes to other records, where they are, with another time and other headers. */
  appendTo(records: RecordColumns, timestamp: number, headers: readonly RecordHeader[]): void {
    records.appendFrom(this.records.parts, this.index, timestamp, headers);
  }
}
