import { ParseFailedError } from '../../errors/sql-error.js';
import { Decimal } from '../../types/decimal.js';
import type { DecimalLiteral, DoubleLiteral, Expression, IntegerLiteral, LongLiteral } from '../ast/expression.js';
import type { Token } from '../token.js';
import { stringValue } from '../token.js';
import type { Cursor } from './cursor.js';

type NumberLiteral = IntegerLiteral | LongLiteral | DecimalLiteral | DoubleLiteral;

const INT_MIN = -(2n ** 31n);
const INT_MAX = 2n ** 31n - 1n;
const LONG_MIN = -(2n ** 63n);
const LONG_MAX = 2n ** 63n - 1n;

export function isNumber(token: Token): boolean {
  return token.kind === 'integer' || token.kind === 'decimal' || token.kind === 'double';
}

export function parseDecimal(text: string): Decimal {
  const negative = text.startsWith('-');
  const digits = negative ? text.slice(1) : text;
  const point = digits.indexOf('.');
  const scale = point < 0 ? 0 : digits.length - point - 1;
  const unscaled = BigInt(digits.replace('.', ''));
  return new Decimal(negative ? -unscaled : unscaled, scale);
}

/** `[-] integer | decimal | double`. The minus belongs to the literal, so the smallest BIGINT can be written. */
export function parseNumber(cursor: Cursor): NumberLiteral {
  const { location } = cursor;
  const minus = cursor.accept('-') ? '-' : '';
  const token = cursor.next();
  const text = minus + token.text;
  const invalid = (message: string): NumberLiteral => {
    // ksqlDB's column is one further to the right here.
    const place = `line ${location.line}:${location.column + 2}`;
    cursor.report(
      new ParseFailedError(`Failed to prepare statement: ${place}: ${message}: ${text}`, cursor.text, location),
    );
    return { kind: 'integer', value: 0, location };
  };
  if (token.kind === 'integer') {
    // Reading millions of digits as a number is slow, and they fit no type.
    if (token.text.length > 1000) return invalid('Invalid numeric literal');
    const value = BigInt(text);
    if (value >= INT_MIN && value <= INT_MAX) return { kind: 'integer', value: Number(value), location };
    if (value < LONG_MIN || value > LONG_MAX) return invalid('Invalid numeric literal');
    const isSafe = Number.isSafeInteger(Number(value));
    return { kind: 'long', value: isSafe ? Number(value) : value, location };
  }
  if (token.kind === 'decimal') {
    if (token.text.length > 1000) return invalid('Invalid numeric literal');
    return { kind: 'decimal', value: parseDecimal(text), location };
  }
  const value = Number(text);
  if (!Number.isFinite(value)) return invalid('Number overflows DOUBLE');
  return { kind: 'double', value, location };
}

/** `NULL | TRUE | FALSE | number | string | variable`: the values of a WITH clause. */
export function parseLiteral(cursor: Cursor): Expression {
  const { location, token } = cursor;
  if (token.kind === 'string') {
    cursor.next();
    return { kind: 'string', value: stringValue(token), location };
  }
  if (isNumber(token) || (token.word === '-' && isNumber(cursor.peek(1)))) return parseNumber(cursor);
  if (cursor.accept('NULL')) return { kind: 'null', location };
  if (cursor.accept('TRUE')) return { kind: 'boolean', value: true, location };
  if (cursor.accept('FALSE')) return { kind: 'boolean', value: false, location };
  if (token.kind === 'variable') {
    cursor.next();
    return reportUndefinedVariable(cursor, token);
  }
  return cursor.fail('expression');
}

/** A variable that nothing was put in for cannot be a value. */
export function reportUndefinedVariable(cursor: Cursor, token: Token): Expression {
  cursor.reportPrepare(
    `Variable ${token.text} is not defined. Define it before: DEFINE ${token.text.slice(2, -1)} = '…';`,
  );
  return { kind: 'null', location: { line: token.line, column: token.column } };
}

const FRACTIONS: ReadonlySet<string> = new Set(['decimal', 'double']);

/** `[-] integer` of 32 bits after LIMIT. Whether it may be negative is up to whoever uses it; a fraction is a number of the wrong kind. */
export function parseLimit(cursor: Cursor): number {
  const isNegative = cursor.token.word === '-';
  const { kind } = isNegative ? cursor.peek(1) : cursor.token;
  if (FRACTIONS.has(kind)) {
    parseNumber(cursor);
    cursor.reportPrepare('Value must be integer for command: LIMIT');
    return 0;
  }
  return isNegative && kind === 'integer' ? parseInt32(cursor) : parseCount(cursor);
}

/** `integer` of 31 bits. */
export function parseCount(cursor: Cursor): number {
  if (cursor.token.kind !== 'integer') cursor.fail('INTEGER_VALUE');
  return parseInt32(cursor);
}

function parseInt32(cursor: Cursor): number {
  const { token } = cursor;
  const literal = parseNumber(cursor);
  if (literal.kind === 'integer') return literal.value;
  cursor.reportPrepare(`Invalid integer: ${token.text}. It must be at most ${INT_MAX}.`);
  return 0;
}
