import { isArray, isObject, JsonDouble, JsonNumber, printExactJson, type ExactJson } from '../exact-json.js';

/** Why two trees differ, as the published harness compares them (qtt rules), or undefined. */
export function difference(
  expected: ExactJson,
  actual: ExactJson,
  exactNumbers: boolean,
  path = '$',
): string | undefined {
  const differs = (): string => `${path}: expected ${printExactJson(expected)}, got ${printExactJson(actual)}`;
  if (expected === null) return actual === null ? undefined : differs();
  if (isObject(expected)) {
    if (!isObject(actual) || actual.size !== expected.size) return differs();
    for (const [name, wanted] of expected) {
      const found = actual.get(name) ?? actual.get(name.toUpperCase()) ?? null;
      const inner = difference(wanted, found, exactNumbers, `${path}.${name}`);
      if (inner !== undefined) return inner;
    }
    return undefined;
  }
  if (isArray(expected)) {
    if (!isArray(actual) || actual.length !== expected.length) return differs();
    for (let i = 0; i < expected.length; i++) {
      const inner = difference(expected[i] ?? null, actual[i] ?? null, exactNumbers, `${path}[${i}]`);
      if (inner !== undefined) return inner;
    }
    return undefined;
  }
  if (expected instanceof JsonNumber) {
    return actual instanceof JsonNumber && sameNumber(expected, actual, exactNumbers) ? undefined : differs();
  }
  if (typeof expected === 'string' && actual instanceof JsonNumber) {
    return isDecimalText(expected) && sameDecimal(expected, actual.text) ? undefined : differs();
  }
  return expected === actual ? undefined : differs();
}

function sameNumber(expected: JsonNumber, actual: JsonNumber, exact: boolean): boolean {
  if (!exact || actual instanceof JsonDouble) return Math.abs(Number(expected.text) - Number(actual.text)) < 1e-6;
  if (actual.isInteger)
    return expected.isInteger
      ? BigInt(expected.text) === BigInt(actual.text)
      : Number(expected.text) === Number(actual.text);
  if (expected.isInteger) {
    const { unscaled, scale } = decimal(actual.text);
    return scale <= 0 && unscaled * 10n ** BigInt(-scale) === BigInt(expected.text);
  }
  return sameDecimal(expected.text, actual.text);
}

const isDecimalText = (text: string): boolean => /^-?\d+(\.\d+)?([eE][+-]?\d+)?$/.test(text);

function sameDecimal(a: string, b: string): boolean {
  const [x, y] = [decimal(a), decimal(b)];
  return x.unscaled === y.unscaled && x.scale === y.scale;
}

/** As java.math.BigDecimal reads it: 1.0E-5 has the unscaled value 10 and the scale 6. */
function decimal(text: string): { readonly unscaled: bigint; readonly scale: number } {
  const [mantissa = '0', exponent = '0'] = text.toLowerCase().split('e');
  const [whole = '0', fraction = ''] = mantissa.split('.');
  return { unscaled: BigInt(whole + fraction), scale: fraction.length - Number(exponent) };
}
