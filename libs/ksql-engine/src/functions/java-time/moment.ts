import { civilFromDays, daysFromCivil, type CivilDate } from '../../types/civil-date.js';
import type { TextField } from './names.js';
import type { NumberField } from './pattern.js';
import type { Zone } from './zone.js';

/** What is formatted: a date, a time of day, or both, perhaps in a zone. */
export interface Moment {
  /** Days since 1970-01-01. */
  readonly days?: number;
  readonly msOfDay?: number;
  readonly zone?: Zone;
  readonly offsetMs?: number;
}

/** Monday is 1. */
export function isoDayOfWeek(days: number): number {
  return ((((days + 3) % 7) + 7) % 7) + 1;
}

/** Sunday is 1. */
function localDayOfWeek(days: number): number {
  return (isoDayOfWeek(days) % 7) + 1;
}

/** The week of a year or month, whose weeks begin on Sunday and whose first week holds its first day. */
function weekOf(days: number, firstDays: number): number {
  return Math.floor((days - firstDays + localDayOfWeek(firstDays) - 1) / 7) + 1;
}

interface WeekDate {
  readonly year: number;
  readonly week: number;
}

/** The last days of a year belong to week 1 of the next one when that begins within their week. */
function weekDateOf(days: number): WeekDate {
  const { year } = civilFromDays(days);
  const nextYear = daysFromCivil(year + 1, 1, 1);
  if (days > nextYear - localDayOfWeek(nextYear)) return { year: year + 1, week: 1 };
  return { year, week: weekOf(days, daysFromCivil(year, 1, 1)) };
}

/** The Sunday that begins week 1 of a week-based year. */
export function startOfWeekBasedYear(year: number): number {
  const first = daysFromCivil(year, 1, 1);
  return first - localDayOfWeek(first) + 1;
}

type DateField = (days: number, date: CivilDate) => number;
const DATE_FIELDS = {
  year: (_, date) => date.year,
  yearOfEra: (_, date) => (date.year > 0 ? date.year : 1 - date.year),
  era: (_, date) => (date.year > 0 ? 1 : 0),
  month: (_, date) => date.month,
  day: (_, date) => date.day,
  dayOfYear: (days, date) => days - daysFromCivil(date.year, 1, 1) + 1,
  quarter: (_, date) => Math.ceil(date.month / 3),
  weekBasedYear: (days) => weekDateOf(days).year,
  weekOfWeekBasedYear: (days) => weekDateOf(days).week,
  weekOfMonth: (days, date) => weekOf(days, daysFromCivil(date.year, date.month, 1)),
  dayOfWeek: (days) => isoDayOfWeek(days),
  localDayOfWeek: (days) => localDayOfWeek(days),
  alignedDayOfWeekInMonth: (_, date) => ((date.day - 1) % 7) + 1,
  modifiedJulianDay: (days) => days + 40_587,
} satisfies Record<string, DateField>;

const TIME_FIELDS = {
  hour: (ms) => Math.floor(ms / 3_600_000),
  clockHour: (ms) => Math.floor(ms / 3_600_000) || 24,
  hourOfAmPm: (ms) => Math.floor(ms / 3_600_000) % 12,
  clockHourOfAmPm: (ms) => Math.floor(ms / 3_600_000) % 12 || 12,
  amPm: (ms) => (ms < 43_200_000 ? 0 : 1),
  minute: (ms) => Math.floor(ms / 60_000) % 60,
  second: (ms) => Math.floor(ms / 1000) % 60,
  nano: (ms) => (ms % 1000) * 1_000_000,
  milliOfDay: (ms) => ms,
  nanoOfDay: (ms) => ms * 1_000_000,
} satisfies Record<string, (msOfDay: number) => number>;

type Field = NumberField | TextField;

const isDateField = (field: Field): field is keyof typeof DATE_FIELDS => field in DATE_FIELDS;

/** The value of a field of a date. Undefined when the field is one of the time. */
export function dateFieldOf(days: number, field: Field): number | undefined {
  return isDateField(field) ? DATE_FIELDS[field](days, civilFromDays(days)) : undefined;
}

/** @throws Error when the moment has no date or no time to take it from */
export function fieldOf(moment: Moment, field: Field): number {
  if (isDateField(field)) {
    if (moment.days === undefined) throw new Error(`the value has no date, so it has no ${field}`);
    return DATE_FIELDS[field](moment.days, civilFromDays(moment.days));
  }
  if (moment.msOfDay === undefined) throw new Error(`the value has no time of day, so it has no ${field}`);
  return TIME_FIELDS[field](moment.msOfDay);
}
