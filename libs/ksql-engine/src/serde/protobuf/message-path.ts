import type { ProtoReader } from '../proto-reader.js';
import { ProtoWriter } from '../proto-writer.js';

/** Messages inside one another that a record may name. */
const PATH_LENGTH_MAX = 100;

/**
 * Which message of a `.proto` text a record is: a count, then so many indexes, the first of a message of the text, each next of one in the
 * message before; all of them zig-zag. The first message alone may also be written as a single 0.
 * @returns the indexes, or why there are none
 */
export function readMessagePath(reader: ProtoReader): readonly number[] | string {
  const count = unZigZag(reader.int32());
  if (count === 0) return [0];
  if (count < 0 || count > PATH_LENGTH_MAX) return `it names its message by ${count} indexes`;
  const path: number[] = [];
  for (let i = 0; i < count; i++) path.push(unZigZag(reader.int32()));
  return path;
}

/** The bytes of a path. */
export function writtenMessagePath(path: readonly number[]): Uint8Array {
  if (path.length === 1 && path[0] === 0) return new Uint8Array([0]);
  const writer = new ProtoWriter();
  for (const number of [path.length, ...path]) writer.uint32(2 * number);
  return writer.take();
}

const unZigZag = (value: number): number => (value >>> 1) ^ -(value & 1);
