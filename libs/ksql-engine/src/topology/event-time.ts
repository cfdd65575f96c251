import type { TimestampColumn } from '../catalog/data-source.js';
import type { Schema } from '../catalog/schema.js';
import { KsqlError } from '../errors/sql-error.js';
import { dateTimeParser } from '../functions/java-time/parse.js';
import { resolveInstant } from '../functions/java-time/resolve.js';
import { UTC } from '../functions/java-time/zone.js';
import type { RecordBatch } from '../operators/record-batch.js';
import type { Vector } from '../types/vector.js';
import type { SqlValue } from '../types/sql-value.js';

/**
 * Event time from the TIMESTAMP column of a source or sink: BIGINT and TIMESTAMP are ms since the epoch, STRING is read by its format.
 * The function throws for a row that has none.
 */
export function eventTimeOf(timestamp: TimestampColumn | undefined, schema: Schema) {
  if (timestamp === undefined) return undefined;
  const { name } = timestamp;
  const keyIndex = schema.key.findIndex((column) => column.name === name);
  const valueIndex = schema.value.findIndex((column) => column.name === name);
  const column = keyIndex >= 0 ? schema.key[keyIndex] : schema.value[valueIndex];
  if (column === undefined) throw new KsqlError(`The TIMESTAMP column '${name}' does not exist`);
  const read = reader(timestamp, column.type.kind);
  return (batch: RecordBatch, at: number): number => {
    const vector = (keyIndex >= 0 ? batch.keys[keyIndex] : batch.values[valueIndex]) as Vector;
    const value = (keyIndex >= 0 ? batch.hasKey(at) : batch.hasValue(at)) ? (vector[at] as SqlValue) : null;
    if (value === null) throw new Error(`the timestamp column ${name} is null`);
    return read(value);
  };
}

function reader({ name, format }: TimestampColumn, kind: string): (value: SqlValue) => number {
  if (kind === 'BIGINT' || kind === 'TIMESTAMP') return Number;
  if (kind === 'STRING' && format !== undefined) {
    const parse = dateTimeParser(format);
    return (text) => resolveInstant(parse(text as string), UTC);
  }
  throw new KsqlError(`The TIMESTAMP column '${name}' must be BIGINT, TIMESTAMP or STRING with a format, not ${kind}`);
}
