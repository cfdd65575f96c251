import { describe, expect, it } from '@jest/globals';
import { civilFromDays, daysFromCivil, formatDate, formatTimestamp, MS_PER_DAY } from './civil-date.js';

describe('calendar', () => {
  it('agrees with Date for every 37th day of 800 years', () => {
    for (let days = -200_000; days < 100_000; days += 37) {
      const date = new Date(days * MS_PER_DAY);
      const civil = civilFromDays(days);
      expect(civil).toEqual({
        year: date.getUTCFullYear(),
        month: date.getUTCMonth() + 1,
        day: date.getUTCDate(),
      });
      expect(daysFromCivil(civil.year, civil.month, civil.day)).toBe(days);
    }
  });

  it('signs years outside four digits', () => {
    expect(formatDate(daysFromCivil(-1, 1, 1))).toBe('-0001-01-01');
    expect(formatDate(daysFromCivil(10_000, 12, 31))).toBe('+10000-12-31');
    expect(formatTimestamp(-1)).toBe('1969-12-31T23:59:59.999');
  });
});
