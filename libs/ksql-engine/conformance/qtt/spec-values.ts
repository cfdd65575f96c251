import type { ExactJson } from '../exact-json.js';

/** A member by its name in any case; undefined where there is none. */
export function memberOf(node: ReadonlyMap<string, ExactJson>, name: string): ExactJson | undefined {
  if (node.has(name)) return node.get(name);
  for (const [other, value] of node) if (other.toUpperCase() === name.toUpperCase()) return value;
  return undefined;
}

/** The whole number that a decimal text is at a scale. */
export function scaledBy(text: string, scale: number): bigint {
  const [mantissa = '0', exponent = '0'] = text.toLowerCase().split('e');
  const [whole = '0', fraction = ''] = mantissa.split('.');
  const shift = scale - fraction.length + Number(exponent);
  const digits = BigInt(whole + fraction);
  return shift >= 0 ? digits * 10n ** BigInt(shift) : digits / 10n ** BigInt(-shift);
}

export function decimalText(unscaled: bigint, scale: number): string {
  if (scale === 0) return String(unscaled);
  const digits = String(unscaled < 0n ? -unscaled : unscaled).padStart(scale + 1, '0');
  return `${unscaled < 0n ? '-' : ''}${digits.slice(0, -scale)}.${digits.slice(-scale)}`;
}

/** Two's complement, big endian, in as few bytes as hold it. */
export function signedBytes(value: bigint): Buffer {
  let length = 1;
  while (BigInt.asIntN(8 * length, value) !== value) length++;
  return Buffer.from(
    BigInt.asUintN(8 * length, value)
      .toString(16)
      .padStart(2 * length, '0'),
    'hex',
  );
}

export const signedInteger = (bytes: Uint8Array): bigint =>
  bytes.length === 0 ? 0n : BigInt.asIntN(8 * bytes.length, BigInt(`0x${Buffer.from(bytes).toString('hex')}`));
