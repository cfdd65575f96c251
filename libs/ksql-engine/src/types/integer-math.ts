import { normalizeBigint } from './sql-value.js';
import { shortened } from './shortened.js';

/**
 * INTEGER is an int32 in a number; BIGINT is a number while it is a safe integer and a bigint outside (sql-value.ts).
 * Every function here takes and gives that form. Overflow wraps, as in Java. Both operands numbers is the fast path: a
 * result that is a safe integer is exact, since a rounded one would be at least 2^53.
 */
export type Int64 = number | bigint;

const isSafe = Number.isSafeInteger;

/** Adding 0 turns −0 into 0, which an integer never is. */
export function addInt64(a: Int64, b: Int64): Int64 {
  if (typeof a === 'number' && typeof b === 'number') {
    const sum = a + b;
    if (isSafe(sum)) return sum;
  }
  return normalizeBigint(BigInt(a) + BigInt(b));
}

export function subtractInt64(a: Int64, b: Int64): Int64 {
  if (typeof a === 'number' && typeof b === 'number') {
    const difference = a - b;
    if (isSafe(difference)) return difference;
  }
  return normalizeBigint(BigInt(a) - BigInt(b));
}

export function multiplyInt64(a: Int64, b: Int64): Int64 {
  if (typeof a === 'number' && typeof b === 'number') {
    const product = a * b;
    if (isSafe(product)) return product + 0;
  }
  return normalizeBigint(BigInt(a) * BigInt(b));
}

/** Truncates toward zero. @throws Error on a zero divisor */
export function divideInt64(a: Int64, b: Int64): Int64 {
  if (b === 0) throw new Error('/ by zero');
  if (typeof a === 'number' && typeof b === 'number') return Math.trunc(a / b) + 0;
  return normalizeBigint(BigInt(a) / BigInt(b));
}

/** Takes the sign of the dividend. @throws Error on a zero divisor */
export function remainderInt64(a: Int64, b: Int64): Int64 {
  if (b === 0) throw new Error('/ by zero');
  if (typeof a === 'number' && typeof b === 'number') return (a % b) + 0;
  return normalizeBigint(BigInt(a) % BigInt(b));
}

export function negateInt64(a: Int64): Int64 {
  return typeof a === 'number' ? 0 - a : normalizeBigint(-a);
}

export function absInt64(a: Int64): Int64 {
  return a < 0 ? negateInt64(a) : a;
}

export function divideInt32(a: number, b: number): number {
  if (b === 0) throw new Error('/ by zero');
  return (a / b) | 0;
}

export function remainderInt32(a: number, b: number): number {
  if (b === 0) throw new Error('/ by zero');
  return (a % b) | 0;
}

/** The low 32 bits, as Java's `(int) long`. */
export function int64ToInt32(value: Int64): number {
  return typeof value === 'number' ? value | 0 : Number(BigInt.asIntN(32, value));
}

/** Truncates; NaN is 0; saturates, as Java's `(int) double`. */
export function doubleToInt32(value: number): number {
  if (value >= 2147483647) return 2147483647;
  if (value <= -2147483648) return -2147483648;
  return value | 0;
}

/** Truncates; NaN is 0; saturates, as Java's `(long) double`. */
export function doubleToInt64(value: number): Int64 {
  if (Number.isNaN(value)) return 0;
  const whole = Math.trunc(value);
  if (isSafe(whole)) return whole + 0;
  if (whole >= 2 ** 63) return 9223372036854775807n;
  if (whole <= -(2 ** 63)) return -9223372036854775808n;
  return normalizeBigint(BigInt(whole));
}

const INT_TEXT = /^[+-]?\d+$/;

/** Reads plain digits with an optional sign, as Java's `Long.parseLong`. @throws Error when it is none or does not fit */
export function parseInt64(text: string): Int64 {
  if (!INT_TEXT.test(text)) throw new Error(`For input string: "${shortened(text)}"`);
  const quick = Number(text);
  if (isSafe(quick)) return quick + 0;
  // A million digits would take seconds to become a bigint.
  if (Math.abs(quick) > 2 ** 64) throw new Error(`For input string: "${shortened(text)}"`);
  const value = BigInt(text.replace(/^[+]?(-?)0*(?=\d)/, '$1'));
  if (BigInt.asIntN(64, value) !== value) throw new Error(`For input string: "${shortened(text)}"`);
  return normalizeBigint(value);
}

/** As Java's `Integer.parseInt`. @throws Error when it is none or does not fit */
export function parseInt32(text: string): number {
  const value = INT_TEXT.test(text) ? Number(text) : NaN;
  if ((value | 0) !== value) throw new Error(`For input string: "${shortened(text)}"`);
  return value + 0;
}
