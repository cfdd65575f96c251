import type { Reader } from '@platformatic/kafka';

/**
 * Skips the tagged fields at the end of a structure: a count, then per field its tag, its size and its bytes. The library's own skipping
 * knows an empty list only, and a broker adds fields when a partition's leader has moved.
 */
export function skipTaggedFields(reader: Reader): void {
  for (let rest = reader.readUnsignedVarInt(); rest > 0; rest--) {
    reader.readUnsignedVarInt();
    reader.skip(reader.readUnsignedVarInt());
  }
}

/** Reads an array of structures that end in tagged fields. */
export function readStructures<T>(reader: Reader, read: (reader: Reader) => T): T[] {
  const readOne = (inner: Reader): T => {
    const value = read(inner);
    skipTaggedFields(inner);
    return value;
  };
  return reader.readArray(readOne, true, false);
}
