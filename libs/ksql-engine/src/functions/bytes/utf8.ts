const encoder = new TextEncoder();
/** A byte order mark is a character like others; malformed bytes become U+FFFD. */
const decoder = new TextDecoder('utf-8', { ignoreBOM: true });

/** Unpaired surrogates become `?`, as Java encodes them. */
export function bytesFromUtf8(text: string): Uint8Array {
  return encoder.encode(text.isWellFormed() ? text : text.replace(/\p{Surrogate}/gu, '?'));
}

export function utf8Of(bytes: Uint8Array): string {
  return decoder.decode(bytes);
}
