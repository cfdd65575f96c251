import { describe, expect, it } from '@jest/globals';
import {
  addDecimal,
  arithmeticDecimalType,
  commonDecimalType,
  compareDecimal,
  decimalFromDouble,
  divideDecimal,
  exactlyOfType,
  multiplyDecimal,
  parseDecimal,
  remainderDecimal,
  rescale,
  toDecimalType,
} from './decimal-math.js';
import { formatType } from './format-type.js';
import { decimalType } from './sql-type.js';

const d = parseDecimal;

describe('decimal arithmetic', () => {
  it('is exact at the wider scale', () => {
    expect(addDecimal(d('1.10'), d('2.345')).toString()).toBe('3.445');
    expect(multiplyDecimal(d('-1.5'), d('0.02')).toString()).toBe('-0.030');
    expect(remainderDecimal(d('-7.5'), d('2')).toString()).toBe('-1.5');
  });

  it('refuses a quotient that does not end within the scale', () => {
    expect(divideDecimal(d('1.0'), d('8.0'), 6).toString()).toBe('0.125000');
    expect(divideDecimal(d('-3'), d('25'), 6).toString()).toBe('-0.120000');
    expect(divideDecimal(d('6'), d('-3'), 2).toString()).toBe('-2.00');
    expect(() => divideDecimal(d('1'), d('3'), 6)).toThrow('Rounding necessary');
    expect(() => divideDecimal(d('1'), d('0'), 6)).toThrow('Division by zero');
    expect(() => divideDecimal(d('0'), d('0'), 6)).toThrow('Division undefined');
  });

  it('rounds as told', () => {
    const rounded = (text: string): string[] =>
      (['HALF_UP', 'HALF_CEILING', 'DOWN', 'FLOOR', 'CEILING'] as const).map((mode) =>
        rescale(d(text), 0, mode).toString(),
      );
    expect(rounded('2.5')).toEqual(['3', '3', '2', '2', '3']);
    expect(rounded('-2.5')).toEqual(['-3', '-2', '-2', '-3', '-2']);
    expect(rounded('-2.4')).toEqual(['-2', '-2', '-2', '-3', '-2']);
    expect(() => rescale(d('2.5'), 0, 'UNNECESSARY')).toThrow('Rounding necessary');
  });

  it('fits a value into a type, or fails', () => {
    expect(toDecimalType(d('1.005'), 4, 2).toString()).toBe('1.01');
    expect(toDecimalType(d('0'), 2, 2).toString()).toBe('0.00');
    expect(() => toDecimalType(d('100'), 4, 2)).toThrow('Numeric field overflow');
    expect(exactlyOfType(d('1.500'), 2, 1).toString()).toBe('1.5');
    expect(() => exactlyOfType(d('1.55'), 3, 1)).toThrow('Rounding necessary');
  });

  it('reads plain and scientific numbers, and nothing else', () => {
    expect(['1.', '.5', '+1', '-0', '1e3', '2.50E-1'].map((text) => d(text).toString())).toEqual([
      '1',
      '0.5',
      '1',
      '0',
      '1000',
      '0.250',
    ]);
    for (const bad of ['', '.', '1e', 'abc', '0x10', '1 ', '--1', '1e999999999']) expect(() => d(bad)).toThrow();
    expect(decimalFromDouble(0.1).toString()).toBe('0.1');
    expect(() => decimalFromDouble(NaN)).toThrow('Infinite or NaN');
  });

  it('compares by value', () => {
    expect(compareDecimal(d('1.0'), d('1.00'))).toBe(0);
    expect(compareDecimal(d('-2'), d('1.5'))).toBe(-1);
  });
});

describe('decimal result types', () => {
  const a = decimalType(10, 2);
  const b = decimalType(4, 1);
  it.each([
    ['+', 'DECIMAL(11, 2)'],
    ['-', 'DECIMAL(11, 2)'],
    ['*', 'DECIMAL(15, 3)'],
    ['/', 'DECIMAL(16, 7)'],
    ['%', 'DECIMAL(5, 2)'],
  ] as const)('of %s', (operator, expected) => {
    expect(formatType(arithmeticDecimalType(operator, a, b))).toBe(expected);
  });

  it('the common type takes the wider integer part and scale', () => {
    expect(commonDecimalType(decimalType(10, 0), decimalType(4, 2))).toEqual(decimalType(12, 2));
  });
});
