/** Below this a loop is quicker than the call of a native decoder. */
const SHORT = 24;
/** By length, the codes of a text that is being read. */
const CODES = Array.from({ length: SHORT + 1 }, (_, length) => new Array<number>(length).fill(0));

/**
 * The text of bytes that are all ASCII. Made at once from its codes: a text that grows by characters is a chain of parts, which costs
 * more to make, to keep and to look up.
 */
export function asciiText(bytes: Buffer, start: number, end: number): string {
  const length = end - start;
  if (length > SHORT) return bytes.toString('latin1', start, end);
  const codes = CODES[length] as number[];
  for (let i = 0; i < length; i++) codes[i] = bytes[start + i] as number;
  return String.fromCharCode.apply(null, codes);
}

/** The text of UTF-8 bytes. */
export function utf8Text(bytes: Buffer, start: number, end: number): string {
  const length = end - start;
  if (length > SHORT) return bytes.toString('utf8', start, end);
  const codes = CODES[length] as number[];
  for (let i = 0; i < length; i++) {
    const code = bytes[start + i] as number;
    if (code >= 0x80) return bytes.toString('utf8', start, end);
    codes[i] = code;
  }
  return String.fromCharCode.apply(null, codes);
}
