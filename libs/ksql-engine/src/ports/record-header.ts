/** A header of a Kafka record. */
export interface RecordHeader {
  readonly key: string;
  readonly value: Uint8Array | null;
  /** Both as a record batch has them, behind their lengths: of headers that come by the million, so that each need not be taken apart. */
  readonly encoded?: Uint8Array | undefined;
}

/** The names of headers are few, and the same for many records. */
const NAMES_MAX = 1_000;
const names = new Map<string, Uint8Array>();

/** The bytes of a header's name; nobody changes them. */
export function headerName(name: string): Uint8Array {
  const known = names.get(name);
  if (known !== undefined) return known;
  if (names.size >= NAMES_MAX) names.clear();
  const bytes = Buffer.from(name);
  names.set(name, bytes);
  return bytes;
}
