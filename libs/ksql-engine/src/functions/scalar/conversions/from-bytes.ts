import { BYTES, STRING, type SqlType } from '../../../types/sql-type.js';
import type { SqlValue } from '../../../types/sql-value.js';
import type { ScalarFunction } from '../../function.js';
import { binary, param, scalarFunction, unary } from '../../signature.js';

/** INT_FROM_BYTES and its siblings: the number that exactly `size` bytes hold, big-endian unless told. */
export function numberFromBytes(
  name: string,
  description: string,
  type: SqlType,
  size: number,
  read: (view: DataView, isLittleEndian: boolean) => SqlValue,
): ScalarFunction {
  const convert = (bytes: Uint8Array, isLittleEndian: boolean): SqlValue => {
    if (bytes.length !== size) throw new Error(`${name} needs ${size} bytes, got ${bytes.length}`);
    return read(new DataView(bytes.buffer, bytes.byteOffset, size), isLittleEndian);
  };
  return scalarFunction(name, 'CONVERSIONS', description, [
    unary(param('value', BYTES), type, (bytes: Uint8Array) => convert(bytes, false)),
    binary([param('value', BYTES), param('byteOrder', STRING)], type, (bytes: Uint8Array, order: string) =>
      convert(bytes, isLittleEndian(order)),
    ),
  ]);
}

function isLittleEndian(order: string): boolean {
  const word = order.toUpperCase();
  if (word !== 'BIG_ENDIAN' && word !== 'LITTLE_ENDIAN') {
    throw new Error(`unknown byte order '${order}': use BIG_ENDIAN or LITTLE_ENDIAN`);
  }
  return word === 'LITTLE_ENDIAN';
}
