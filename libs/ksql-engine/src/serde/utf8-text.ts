/** Shorter texts are read by a loop, which costs less than the call of a native decoder. */
const SHORT_TEXT = 24;

/** The text of the bytes between two places; undefined when they are no UTF-8. */
export function utf8Text(bytes: Buffer, from: number, to: number): string | undefined {
  if (to - from > SHORT_TEXT) return longText(bytes, from, to);
  let text = '';
  for (let i = from; i < to; i++) {
    const code = bytes[i] as number;
    if (code >= 0x80) return longText(bytes, from, to);
    text += String.fromCharCode(code);
  }
  return text;
}

function longText(bytes: Buffer, from: number, to: number): string | undefined {
  const text = bytes.toString('utf8', from, to);
  // The sign stands for bytes that are no UTF-8, or for itself: then it gives the same bytes again.
  const isWhole = !text.includes('\ufffd') || Buffer.from(text, 'utf8').equals(bytes.subarray(from, to));
  return isWhole ? text : undefined;
}
