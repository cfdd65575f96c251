/** The number of two's complement bytes, most significant first; no bytes are 0. */
export function signedBigint(bytes: Buffer): bigint {
  if (bytes.length === 0) return 0n;
  if (bytes.length <= 6) return BigInt(bytes.readIntBE(0, bytes.length));
  return BigInt.asIntN(8 * bytes.length, BigInt(`0x${bytes.toString('hex')}`));
}

/** As few two's complement bytes as hold the number and its sign, most significant first. */
export function signedBytes(value: bigint): Buffer {
  const bits = (value < 0n ? -value - 1n : value).toString(2);
  const length = Math.floor((bits === '0' ? 0 : bits.length) / 8) + 1;
  const hex = BigInt.asUintN(8 * length, value).toString(16);
  return Buffer.from(hex.padStart(2 * length, '0'), 'hex');
}
