/** One byte per code point; `?` for what ASCII does not have. */
export function bytesFromAscii(text: string): Uint8Array {
  return Uint8Array.from(Array.from(text), (character) => {
    const code = character.codePointAt(0) as number;
    return code < 0x80 ? code : 0x3f;
  });
}

/** Bytes that are no ASCII become U+FFFD. */
export function asciiOf(bytes: Uint8Array): string {
  let text = '';
  for (const byte of bytes) text += byte < 0x80 ? String.fromCharCode(byte) : '\ufffd';
  return text;
}
