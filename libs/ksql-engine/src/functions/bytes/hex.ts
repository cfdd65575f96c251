const HEX_DIGITS = /^[0-9a-fA-F]*$/;

/** @throws Error for an odd number of digits and for other characters */
export function bytesFromHex(hex: string): Uint8Array {
  if (hex.length % 2 !== 0) throw new Error(`hexadecimal text needs an even number of digits: ${hex}`);
  if (!HEX_DIGITS.test(hex)) throw new Error(`not hexadecimal: ${hex}`);
  return new Uint8Array(Buffer.from(hex, 'hex'));
}

/** Lower case. */
export function hexOf(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('hex');
}
