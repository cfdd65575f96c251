import { expect, it } from '@jest/globals';
import { isoText, rowtimeText } from './time-text.js';

it('the time of a record is told as a date, and any that is none as it is', () => {
  expect(isoText(1_577_836_800_000)).toBe('2020-01-01T00:00:00.000Z');
  expect(rowtimeText(1_577_836_800_000)).toBe('2020/01/01 00:00:00.000 Z');
  expect(isoText(8.64e15)).toBe('+275760-09-13T00:00:00.000Z');
  for (const noDate of [8.64e15 + 1, Number(2n ** 63n - 1n), -Number(2n ** 63n)]) {
    expect(isoText(noDate)).toBe(`${noDate} ms`);
    expect(rowtimeText(noDate)).toBe(`${noDate} ms`);
  }
});
