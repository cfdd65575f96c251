import { describe, expect, it } from '@jest/globals';
import { Decimal } from '../../types/decimal.js';
import { parseExpression } from '../parse.js';

describe('numbers', () => {
  it.each([
    ['2147483647', { kind: 'integer', value: 2147483647 }],
    ['-2147483648', { kind: 'integer', value: -2147483648 }],
    ['2147483648', { kind: 'long', value: 2147483648 }],
    ['9223372036854775807', { kind: 'long', value: 9223372036854775807n }],
    ['-9223372036854775808', { kind: 'long', value: -9223372036854775808n }],
    ['1.50', { kind: 'decimal', value: new Decimal(150n, 2) }],
    ['-.5', { kind: 'decimal', value: new Decimal(-5n, 1) }],
    ['1.', { kind: 'decimal', value: new Decimal(1n, 0) }],
    ["DECIMAL '12.30'", { kind: 'decimal', value: new Decimal(1230n, 2) }],
    ['1E3', { kind: 'double', value: 1000 }],
    ['1.0e-3', { kind: 'double', value: 0.001 }],
  ])('%s', (text, expected) => {
    expect(parseExpression(text)).toMatchObject(expected);
  });

  it.each([
    ['9223372036854775808', 'line 1:2: Invalid numeric literal: 9223372036854775808'],
    ['-9223372036854775809', 'line 1:2: Invalid numeric literal: -9223372036854775809'],
    ['1E309', 'line 1:2: Number overflows DOUBLE: 1E309'],
  ])('%s is beyond all types', (text, message) => {
    expect(() => parseExpression(text)).toThrow(`Failed to prepare statement: ${message}`);
  });

  it('refuses digits without end at once', () => {
    expect(() => parseExpression('9'.repeat(1_000_000))).toThrow('Invalid numeric literal');
  });
});
