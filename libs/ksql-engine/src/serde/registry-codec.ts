import type { FormatInfo } from '../catalog/data-source.js';
import type { Column } from '../catalog/schema.js';
import type { RegisteredSchema, SchemaDefinition, SchemaType } from '../ports/schema-registry.js';
import type { Vector, WritableVector } from '../types/vector.js';
import type { ByteWriter } from './byte-writer.js';
import type { SerdeOptions } from './serde-options.js';

/** Reads records of one writer's schema into the columns of a source. */
export interface RecordReader {
  /**
   * Reads the payload from `start` to `end`, which is what follows magic byte and id, into row `at` of the vectors, which is all null;
   * columns that are not needed are left alone.
   * @returns true for a row, false for a null one; else why it is none, a sentence, as throwing costs more than ten good records
   * @throws Error of the same meaning, where a failure is rare
   */
  read(bytes: Buffer, start: number, end: number, vectors: readonly WritableVector[], at: number): boolean | string;
}

/** Writes the columns of a sink with one schema. */
export interface RecordWriter {
  /**
   * Appends the payload of row `at`, without magic byte and id, and tells whether the row is anything at all.
   * @throws Error when a value cannot be written with this schema
   */
  write(vectors: readonly Vector[], at: number, writer: ByteWriter): boolean;
}

export interface InferenceOptions {
  readonly isKey: boolean;
  /** The statement named the schema by its id: names stay as they are spelled. Else they are in upper case. */
  readonly isById: boolean;
  /** Properties and wrapping of the part. `fullSchemaName` says which message of several; UNWRAP_SINGLES: one column, whatever it is. */
  readonly info: FormatInfo;
}

export interface InferredColumns {
  readonly columns: readonly Column[];
  /** What goes into the format's properties with them. */
  readonly properties: Readonly<Record<string, string>>;
}

/** What a format adds whose schemas live in a registry; all of it is pure. */
export interface RegistryCodec {
  readonly schemaType: SchemaType;
  /**
   * The columns that a source has by a schema. A column that stands bare is called ROWKEY or ROWVAL.
   * @throws KsqlError with the reason for a schema that gives none
   */
  columnsOf(schema: RegisteredSchema, options: InferenceOptions): InferredColumns;
  /** What is registered for columns; the same columns always give the same text. */
  schemaOf(options: SerdeOptions): SchemaDefinition;
  /** Compiles a writer's schema against the columns of a source. @throws Error for a schema that these columns cannot be read with */
  reader(schema: RegisteredSchema, options: SerdeOptions): RecordReader;
  /** Compiles the schema that a sink is written with. @throws Error for one that cannot be written */
  writer(schema: RegisteredSchema, options: SerdeOptions): RecordWriter;
}
