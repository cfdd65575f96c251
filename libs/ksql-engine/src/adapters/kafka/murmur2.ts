const M = 0x5bd1e995;
const SEED = 0x9747b28c;

/** The hash by which Kafka's own producer picks the partition of a key, the bytes from `start` to `end`; 32 bits, signed. */
export function murmur2(bytes: Uint8Array, start = 0, end = bytes.length): number {
  const length = end - start;
  let hash = SEED ^ length;
  let i = start;
  for (; i + 4 <= end; i += 4) {
    let k =
      (bytes[i] as number) |
      ((bytes[i + 1] as number) << 8) |
      ((bytes[i + 2] as number) << 16) |
      ((bytes[i + 3] as number) << 24);
    k = Math.imul(k, M);
    k ^= k >>> 24;
    hash = Math.imul(hash, M) ^ Math.imul(k, M);
  }
  const rest = end - i;
  if (rest >= 3) hash ^= (bytes[i + 2] as number) << 16;
  if (rest >= 2) hash ^= (bytes[i + 1] as number) << 8;
  if (rest >= 1) hash = Math.imul(hash ^ (bytes[i] as number), M);
  hash = Math.imul(hash ^ (hash >>> 13), M);
  return hash ^ (hash >>> 15);
}
