/** A new array of all parts in order, with the separator between them. */
export function joinBytes(parts: readonly Uint8Array[], separator?: Uint8Array): Uint8Array {
  const gap = separator?.length ?? 0;
  const length = parts.reduce((sum, part) => sum + part.length, gap * Math.max(0, parts.length - 1));
  const joined = new Uint8Array(length);
  let at = 0;
  parts.forEach((part, i) => {
    if (i > 0 && separator) {
      joined.set(separator, at);
      at += gap;
    }
    joined.set(part, at);
    at += part.length;
  });
  return joined;
}
