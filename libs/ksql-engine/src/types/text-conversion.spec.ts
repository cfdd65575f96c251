import { describe, expect, it } from '@jest/globals';
import { formatDate, formatTime, formatTimestamp } from './civil-date.js';
import { doubleToText, parseDouble } from './java-double.js';
import { arrayType, INTEGER, mapType, STRING, structType, TIMESTAMP, type SqlType } from './sql-type.js';
import type { SqlValue } from './sql-value.js';
import {
  textToBigint,
  textToBoolean,
  textToBytes,
  textToDate,
  textToDecimal,
  textToDouble,
  textToInteger,
  textToTime,
  textToTimestamp,
} from './text-to-value.js';
import { valueToText } from './value-to-text.js';

describe('DOUBLE as text', () => {
  it.each([
    [1, '1.0'],
    [-2.5, '-2.5'],
    [0.001, '0.001'],
    [0.0001, '1.0E-4'],
    [9999999, '9999999.0'],
    [12345678.9, '1.23456789E7'],
    [1e10, '1.0E10'],
    [1e21, '1.0E21'],
    [-0, '-0.0'],
    [NaN, 'NaN'],
    [-Infinity, '-Infinity'],
  ])('%p is %s', (value, expected) => {
    expect(doubleToText(value)).toBe(expected);
    expect(Object.is(parseDouble(expected), value)).toBe(true);
  });
});

describe('text to values', () => {
  it('numbers', () => {
    expect(textToInteger(' 1')).toBe(1);
    expect(textToInteger('٣')).toBe(3);
    expect(textToBigint('１')).toBe(1);
    expect(textToDouble('1d')).toBe(1);
    expect(textToDecimal('99999999.995', 10, 2).toString()).toBe('100000000.00');
    for (const bad of ['1.5', '1_000', '', '1\u00a0', '2147483648']) expect(() => textToInteger(bad)).toThrow();
    for (const bad of ['NaN', 'Infinity', '1e400', 'abc', '']) expect(() => textToDouble(bad)).toThrow();
    expect(() => textToDecimal('1000', 4, 1)).toThrow('Numeric field overflow');
  });

  it('booleans: the beginnings of true and yes', () => {
    expect(['true', 'T', ' tru ', 'Y', 'yes'].map(textToBoolean)).toEqual([true, true, true, true, true]);
    expect(['', ' ', 'on', '1', 'false', 'truer'].map(textToBoolean)).not.toContain(true);
  });

  it('bytes: base64 with or without padding', () => {
    expect([...textToBytes('AQI=')]).toEqual([1, 2]);
    expect([...textToBytes('AQI')]).toEqual([1, 2]);
    for (const bad of ['A', '!!!', 'é', 'AQI==']) expect(() => textToBytes(bad)).toThrow('base64');
  });

  it('dates: whole or begun, and only real ones', () => {
    const back = (text: string): string => formatDate(textToDate(text));
    expect(['2023-03-26', '2023-03', '2023', '-0001-01-01', '+10000-01-01', '2023-03-26 '].map(back)).toEqual([
      '2023-03-26',
      '2023-03-01',
      '2023-01-01',
      '-0001-01-01',
      '+10000-01-01',
      '2023-03-26',
    ]);
    for (const bad of ['2023-02-29', '2023-3-26', '20230326', '2023-03-26T12:30', '', '26/03/2023']) {
      expect(() => textToDate(bad)).toThrow('not a date');
    }
  });

  it('times of day', () => {
    expect(textToTime('12:30')).toBe(45_000_000);
    expect(textToTime('12:30:15.123456')).toBe(45_015_123);
    for (const bad of ['12', '24:00:00', '1:2:3', '12:60', '12:30:15Z', '']) expect(() => textToTime(bad)).toThrow();
    expect([0, 45_000_000, 45_015_123].map(formatTime)).toEqual(['00:00', '12:30', '12:30:15']);
  });

  it('timestamps: partial, with zones, clipped to the month', () => {
    const back = (text: string): string => formatTimestamp(textToTimestamp(text));
    expect(back('2023')).toBe('2023-01-01T00:00:00.000');
    expect(back('2023-03-26T12:30')).toBe('2023-03-26T12:30:00.000');
    expect(back('2023-03-26T12:30:15.123+0100')).toBe('2023-03-26T11:30:15.123');
    expect(back('2023-03-26T12:30:15-01:30')).toBe('2023-03-26T14:00:15.000');
    expect(back('2023-02-29')).toBe('2023-02-28T00:00:00.000');
    expect(back('2023-03-26T24:00:00')).toBe('2023-03-27T00:00:00.000');
    for (const bad of ['2023-13-01', '2023-03-26 12:30', '2023-03-26T12:30:15.123456', '2023-03-26Z', '12:30', '']) {
      expect(() => textToTimestamp(bad)).toThrow();
    }
  });
});

describe('values as text', () => {
  const struct = structType([
    { name: 'A', type: INTEGER },
    { name: 'B', type: STRING },
  ]);
  it.each<[string, NonNullable<SqlValue>, SqlType, string]>([
    ['ARRAY', [1, null, 3], arrayType(INTEGER), '[1, null, 3]'],
    ['STRUCT without its null fields', [1, null], struct, 'Struct{A=1}'],
    ['nested STRUCT', [[1, 'x'], null], arrayType(struct), '[Struct{A=1,B=x}, null]'],
    ['nested TIMESTAMP', [0, 1679792399990], arrayType(TIMESTAMP), '[1970-01-01 00:00:00.0, 2023-03-26 00:59:59.99]'],
  ])('%s', (_, value, type, expected) => {
    expect(valueToText(value, type)).toBe(expected);
  });

  it('MAP in the order of a hash table', () => {
    const map = new Map([
      ['k', 1],
      ['j', null],
      ['a', 2],
    ]);
    expect(valueToText(map, mapType(STRING, INTEGER))).toBe('{a=2, j=null, k=1}');
  });
});
