/** English names, as Java formats them by default. Months from January, days from Monday, as ISO counts. */
export const MONTHS = [
  'January',
  'February',
  'March',
  'April',
  'May',
  'June',
  'July',
  'August',
  'September',
  'October',
  'November',
  'December',
] as const;
export const DAYS = ['Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday', 'Sunday'] as const;

export type TextStyle = 'full' | 'short' | 'narrow';

const styled = (names: readonly string[]): Readonly<Record<TextStyle, readonly string[]>> => ({
  full: names,
  short: names.map((name) => name.slice(0, 3)),
  narrow: names.map((name) => name.slice(0, 1)),
});

/** Texts by field and style, in the order of the values that `firstValue` begins. */
export const TEXTS = {
  month: { firstValue: 1, ...styled(MONTHS) },
  dayOfWeek: { firstValue: 1, ...styled(DAYS) },
  quarter: {
    firstValue: 1,
    full: ['1st quarter', '2nd quarter', '3rd quarter', '4th quarter'],
    short: ['Q1', 'Q2', 'Q3', 'Q4'],
    narrow: ['1', '2', '3', '4'],
  },
  amPm: { firstValue: 0, full: ['AM', 'PM'], short: ['AM', 'PM'], narrow: ['a', 'p'] },
  era: {
    firstValue: 0,
    full: ['Before Christ', 'Anno Domini'],
    short: ['BC', 'AD'],
    narrow: ['B', 'A'],
  },
} as const;

export type TextField = keyof typeof TEXTS;

/** The part of the day at a minute of it. */
export function dayPeriod(minuteOfDay: number): string {
  if (minuteOfDay === 0) return 'midnight';
  if (minuteOfDay === 720) return 'noon';
  const hour = Math.floor(minuteOfDay / 60);
  if (hour < 6 || hour >= 21) return 'at night';
  return hour < 12 ? 'in the morning' : hour < 18 ? 'in the afternoon' : 'in the evening';
}
