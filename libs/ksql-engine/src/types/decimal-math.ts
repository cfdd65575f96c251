import { Decimal } from './decimal.js';
import { normalizeBigint } from './sql-value.js';
import type { Int64 } from './integer-math.js';
import { decimalType, type DecimalType, type SqlType } from './sql-type.js';
import { shortened } from './shortened.js';

/**
 * Exact decimal arithmetic. A result is always exact: where the declared precision or scale of the result cannot hold it,
 * the function throws, and the caller turns that into NULL. Only `rescale` (casts, ROUND) rounds.
 */
const POWERS: bigint[] = [1n];
/** Records may hold exponents up to 100,000; all powers up to there would fill the memory. */
const KEPT_POWERS_MAX = 200;
export function powerOfTen(exponent: number): bigint {
  if (exponent > KEPT_POWERS_MAX) return 10n ** BigInt(exponent);
  for (let next = POWERS.length; next <= exponent; next++) POWERS.push((POWERS[next - 1] ?? 1n) * 10n);
  return POWERS[exponent] ?? 10n ** BigInt(exponent);
}

export type RoundingMode = 'HALF_UP' | 'HALF_CEILING' | 'DOWN' | 'FLOOR' | 'CEILING' | 'UNNECESSARY';

/** `numerator / denominator` as an integer, `denominator` > 0. @throws Error under UNNECESSARY when it does not divide */
function roundedQuotient(numerator: bigint, denominator: bigint, mode: RoundingMode): bigint {
  const quotient = numerator / denominator;
  const remainder = numerator % denominator;
  if (remainder === 0n) return quotient;
  const isNegative = numerator < 0n;
  const twice = (isNegative ? -remainder : remainder) * 2n;
  const awayFromZero = isNegative ? quotient - 1n : quotient + 1n;
  switch (mode) {
    case 'DOWN':
      return quotient;
    case 'FLOOR':
      return isNegative ? quotient - 1n : quotient;
    case 'CEILING':
      return isNegative ? quotient : quotient + 1n;
    case 'HALF_UP':
      return twice >= denominator ? awayFromZero : quotient;
    case 'HALF_CEILING':
      return twice > denominator || (twice === denominator && !isNegative) ? awayFromZero : quotient;
    case 'UNNECESSARY':
      throw new Error('Rounding necessary');
  }
}

/** The value at another scale (which may be negative: tens, hundreds), rounded as told. */
export function rescale(value: Decimal, scale: number, mode: RoundingMode): Decimal {
  if (scale === value.scale) return value;
  if (scale > value.scale) return new Decimal(value.unscaled * powerOfTen(scale - value.scale), scale);
  return new Decimal(roundedQuotient(value.unscaled, powerOfTen(value.scale - scale), mode), scale);
}

/** Digits without leading zeros, at least 1: `0.05` has 1, `1.10` has 3. */
export function precisionOf(value: Decimal): number {
  const digits = (value.unscaled < 0n ? -value.unscaled : value.unscaled).toString();
  return digits.length;
}

function fits(value: Decimal, precision: number): boolean {
  const limit = powerOfTen(precision);
  return value.unscaled < limit && value.unscaled > -limit;
}

/** Brings a value to a type: HALF_UP to its scale. @throws Error (numeric field overflow) when the integer part does not fit */
export function toDecimalType(value: Decimal, precision: number, scale: number): Decimal {
  const digits = Math.max(precisionOf(value) - value.scale, 0);
  if (value.unscaled !== 0n && digits > precision - scale) {
    throw new Error(
      `Numeric field overflow: A field with precision ${precision} and scale ${scale} must round to an absolute value less than 10^${precision - scale}. Got ${value.toString()}`,
    );
  }
  return rescale(value, scale, 'HALF_UP');
}

/** As `toDecimalType`, without rounding. @throws Error when the value is not exactly of the type */
export function exactlyOfType(value: Decimal, precision: number, scale: number): Decimal {
  const scaled = rescale(value, scale, 'UNNECESSARY');
  if (!fits(scaled, precision)) throw new Error('Rounding necessary');
  return scaled;
}

export function decimalFromInt64(value: Int64): Decimal {
  return new Decimal(BigInt(value), 0);
}

/** Far more than any type holds; the time to make a number of digits grows with their square. */
const DIGITS_MAX = 10_000;

const DECIMAL_TEXT = /^([+-]?)(\d*)(?:\.(\d*))?(?:[eE]([+-]?\d+))?$/;

/** Reads digits, point and exponent exactly, as Java's `BigDecimal(String)`; no blanks. @throws Error when the text is no number */
export function parseDecimal(text: string): Decimal {
  const match = DECIMAL_TEXT.exec(text);
  const whole = match?.[2] ?? '';
  const fraction = match?.[3] ?? '';
  if (!match || whole + fraction === '') throw new Error(`For input string: "${shortened(text)}"`);
  if (whole.length + fraction.length > DIGITS_MAX)
    throw new Error(`a number of ${whole.length + fraction.length} digits exceeds ${DIGITS_MAX}`);
  const digits = BigInt(whole + fraction);
  const exponent = Number(match[4] ?? 0);
  if (Math.abs(exponent) > 100_000) throw new Error(`For input string: "${shortened(text)}"`);
  const unscaled = match[1] === '-' ? -digits : digits;
  const scale = fraction.length - exponent;
  return scale < 0 ? new Decimal(unscaled * powerOfTen(-scale), 0) : new Decimal(unscaled, scale);
}

/** The shortest decimal text of the double, exactly (`0.1` is 0.1), as Java's `BigDecimal.valueOf`. @throws Error for NaN and infinities */
export function decimalFromDouble(value: number): Decimal {
  if (!Number.isFinite(value)) throw new Error('Infinite or NaN');
  return parseDecimal(String(value));
}

export function decimalToDouble(value: Decimal): number {
  return Number(value.toString());
}

/** Drops the fraction; the low 64 bits. */
export function decimalToInt64(value: Decimal): Int64 {
  return normalizeBigint(value.scale > 0 ? value.unscaled / powerOfTen(value.scale) : value.unscaled);
}

export function addDecimal(a: Decimal, b: Decimal): Decimal {
  const scale = Math.max(a.scale, b.scale);
  return new Decimal(atScale(a, scale) + atScale(b, scale), scale);
}

export function subtractDecimal(a: Decimal, b: Decimal): Decimal {
  const scale = Math.max(a.scale, b.scale);
  return new Decimal(atScale(a, scale) - atScale(b, scale), scale);
}

export function multiplyDecimal(a: Decimal, b: Decimal): Decimal {
  return new Decimal(a.unscaled * b.unscaled, a.scale + b.scale);
}

/** The quotient at `scale`. @throws Error on a zero divisor, and when it does not end within the scale */
export function divideDecimal(a: Decimal, b: Decimal, scale: number): Decimal {
  if (b.unscaled === 0n) throw new Error(a.unscaled === 0n ? 'Division undefined' : 'Division by zero');
  const numerator = a.unscaled * powerOfTen(Math.max(0, scale - a.scale + b.scale));
  const denominator = b.unscaled * powerOfTen(Math.max(0, a.scale - b.scale - scale));
  const quotient =
    denominator < 0n
      ? roundedQuotient(-numerator, -denominator, 'UNNECESSARY')
      : roundedQuotient(numerator, denominator, 'UNNECESSARY');
  return new Decimal(quotient, scale);
}

/** Takes the sign of the dividend. @throws Error on a zero divisor */
export function remainderDecimal(a: Decimal, b: Decimal): Decimal {
  if (b.unscaled === 0n) throw new Error('Division by zero');
  const scale = Math.max(a.scale, b.scale);
  return new Decimal(atScale(a, scale) % atScale(b, scale), scale);
}

export function negateDecimal(a: Decimal): Decimal {
  return new Decimal(-a.unscaled, a.scale);
}

/** −1, 0 or 1, by value: 1.0 equals 1.00. */
export function compareDecimal(a: Decimal, b: Decimal): number {
  const scale = Math.max(a.scale, b.scale);
  const left = atScale(a, scale);
  const right = atScale(b, scale);
  return left < right ? -1 : left > right ? 1 : 0;
}

function atScale(value: Decimal, scale: number): bigint {
  return value.scale === scale ? value.unscaled : value.unscaled * powerOfTen(scale - value.scale);
}

/** The DECIMAL that holds every value of an integer type or decimal: INTEGER is (10, 0), BIGINT (19, 0). Undefined for others. */
export function asDecimalType(type: SqlType): DecimalType | undefined {
  if (type.kind === 'DECIMAL') return type;
  if (type.kind === 'INTEGER') return decimalType(10, 0);
  if (type.kind === 'BIGINT') return decimalType(19, 0);
  return undefined;
}

/** Holds both: the wider integer part and the wider scale. */
export function commonDecimalType(a: DecimalType, b: DecimalType): DecimalType {
  const scale = Math.max(a.scale, b.scale);
  return decimalType(Math.max(a.precision - a.scale, b.precision - b.scale) + scale, scale);
}

/** The result type of an operator; no cap on the precision. */
export function arithmeticDecimalType(
  operator: '+' | '-' | '*' | '/' | '%',
  a: DecimalType,
  b: DecimalType,
): DecimalType {
  const wholeA = a.precision - a.scale;
  const wholeB = b.precision - b.scale;
  const widestScale = Math.max(a.scale, b.scale);
  switch (operator) {
    case '+':
    case '-':
      return decimalType(widestScale + Math.max(wholeA, wholeB) + 1, widestScale);
    case '*':
      return decimalType(a.precision + b.precision + 1, a.scale + b.scale);
    case '/': {
      const scale = Math.max(6, a.scale + b.precision + 1);
      return decimalType(wholeA + b.scale + scale, scale);
    }
    case '%':
      return decimalType(Math.min(wholeA, wholeB) + widestScale, widestScale);
  }
}
