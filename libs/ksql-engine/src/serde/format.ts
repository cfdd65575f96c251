import type { FormatInfo } from '../catalog/data-source.js';
import type { Row } from '../types/sql-value.js';
import { nullVectors, rowAt, type Vector, type WritableVector } from '../types/vector.js';
import { asBuffer } from './as-buffer.js';
import { ByteWriter } from './byte-writer.js';
import type { RegistryCodec } from './registry-codec.js';
import type { SerdeOptions } from './serde-options.js';

/**
 * One direction-pair for one part (key or value) of a topic. Bytes in, column values out, and back. A format says how one record's
 * bytes fill a row of column vectors (`decode`) and how such a row is written (`encode`); whoever has single rows uses
 * `deserialize` and `serialize`, where `null` bytes are a null row, and a row that must be written as nothing gives null.
 */
export abstract class Serde {
  private writer: ByteWriter | undefined;
  private failure: string | undefined;

  constructor(private readonly columnCount: number) {}

  /**
   * Reads the bytes from `start` to `end` into row `at` of the vectors, which is all null, and tells whether there is a row at all. A
   * column that is not needed has a vector that nothing is written to. After a failure the row holds anything. A format whose records
   * fail by the million gives false and tells the reason by `takeFailure`, as an exception costs more than ten good records.
   * @throws Error with the reason and the path of the bad field (`$.A.B[0]`)
   */
  abstract decode(bytes: Buffer, start: number, end: number, vectors: readonly WritableVector[], at: number): boolean;

  /**
   * Appends row `at` of the vectors to the writer and tells whether the row is anything at all.
   * @throws Error when a value cannot be written in this format
   */
  abstract encode(vectors: readonly Vector[], at: number, writer: ByteWriter): boolean;

  /** Why the last `decode` gave no row although there should be one; undefined when nothing is wrong. It is told once. */
  takeFailure(): string | undefined {
    const { failure } = this;
    this.failure = undefined;
    return failure;
  }

  /** For `decode`: there is no row, for this reason. */
  protected fails(reason: string): false {
    this.failure = reason;
    return false;
  }

  /** @throws Error as `decode` */
  deserialize(bytes: Uint8Array | null): Row | null {
    if (bytes === null) return null;
    const vectors = nullVectors(this.columnCount, 1);
    if (this.decode(asBuffer(bytes), 0, bytes.length, vectors, 0)) return rowAt(vectors, 0);
    const failure = this.takeFailure();
    if (failure !== undefined) throw new Error(failure);
    return null;
  }

  /** @throws Error as `encode` */
  serialize(row: Row | null): Uint8Array | null {
    if (row === null) return null;
    const writer = (this.writer ??= new ByteWriter());
    writer.begin();
    const vectors = row.map((value) => [value]);
    return this.encode(vectors, 0, writer) ? writer.copy() : null;
  }
}

/** One file per format; `serde/formats.ts` is the explicit list. */
export interface Format {
  readonly name: FormatInfo['format'];
  readonly supportsKey: boolean;
  readonly supportsValue: boolean;
  /** Of a format whose schemas live in a registry (AVRO, JSON_SR, PROTOBUF). */
  readonly registry?: RegistryCodec;
  /** @throws KsqlError naming format and columns when it cannot carry them */
  validate(options: SerdeOptions): void;
  createSerde(options: SerdeOptions): Serde;
}
