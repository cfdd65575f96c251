import type { FormatInfo } from '../catalog/data-source.js';
import type { Column } from '../catalog/schema.js';
import type { Row } from '../types/sql-value.js';

/**
 * One direction-pair for one part (key or value) of a topic. Bytes in, column values out, and back.
 * `null` bytes are a null row; a row that must be written as nothing gives null.
 */
export interface Serde {
  /** @throws Error with the reason and the path of the bad field (`$.A.B[0]`) */
  deserialize(bytes: Uint8Array | null): Row | null;
  /** @throws Error when a value cannot be written in this format */
  serialize(row: Row | null): Uint8Array | null;
}

export interface SerdeOptions {
  readonly columns: readonly Column[];
  readonly isKey: boolean;
  readonly info: FormatInfo;
  /** Columns whose values are wanted, by index; the others may be left null on reading. Absent: all. */
  readonly needed?: readonly boolean[] | undefined;
}

/** One file per format; `serde/formats.ts` is the explicit list. */
export interface Format {
  readonly name: FormatInfo['format'];
  readonly supportsKey: boolean;
  readonly supportsValue: boolean;
  /** Needs a schema registry (AVRO, JSON_SR, PROTOBUF). */
  readonly needsRegistry: boolean;
  /** @throws KsqlError naming format and columns when it cannot carry them */
  validate(options: SerdeOptions): void;
  createSerde(options: SerdeOptions): Serde;
}
