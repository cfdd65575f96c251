import { civilFromDays, daysFromCivil, daysInMonth, isLeapYear, MS_PER_DAY } from '../../types/civil-date.js';
import type { TextField } from './names.js';
import { dateFieldOf, isoDayOfWeek, startOfWeekBasedYear } from './moment.js';
import type { ParsedFields } from './parse.js';
import type { NumberField } from './pattern.js';
import { instantOf, type Zone } from './zone.js';

function inRange(value: number, low: number, high: number, what: NumberField | TextField): number {
  if (value < low || value > high) throw new Error(`${what} is ${value}, it goes from ${low} to ${high}`);
  return value;
}

function yearOf(fields: ParsedFields): number | undefined {
  const year = fields.get('year');
  if (year !== undefined) return year;
  const yearOfEra = fields.get('yearOfEra');
  if (yearOfEra === undefined) return undefined;
  inRange(yearOfEra, 1, 999_999_999, 'yearOfEra');
  return fields.get('era') === 0 ? 1 - yearOfEra : yearOfEra;
}

/** The last days of a month are clipped to its length. */
function daysOf(year: number, month: number, day: number): number {
  inRange(month, 1, 12, 'month');
  inRange(day, 1, 31, 'day');
  return daysFromCivil(year, month, Math.min(day, daysInMonth(year, month)));
}

function dayOfWeekOf(fields: ParsedFields): number | undefined {
  const iso = fields.get('dayOfWeek');
  if (iso !== undefined) return iso;
  const local = fields.get('localDayOfWeek');
  return local === undefined ? undefined : ((inRange(local, 1, 7, 'localDayOfWeek') + 5) % 7) + 1;
}

/** The date that the fields make, in days since 1970-01-01, or undefined when they make none. @throws Error when they clash */
export function resolveDate(fields: ParsedFields): number | undefined {
  const days = dateOf(fields);
  if (days === undefined) return undefined;
  for (const [field, value] of fields.fields()) {
    const actual = field === 'day' ? undefined : dateFieldOf(days, field);
    if (actual !== undefined && actual !== value) throw new Error(`${field} is ${value}, but the date has ${actual}`);
  }
  return days;
}

function dateOf(fields: ParsedFields): number | undefined {
  const julian = fields.get('modifiedJulianDay');
  if (julian !== undefined) return julian - 40_587;
  const year = yearOf(fields);
  const month = fields.get('month');
  const day = fields.get('day');
  if (year !== undefined && month !== undefined && day !== undefined) return daysOf(year, month, day);
  const dayOfYear = fields.get('dayOfYear');
  if (year !== undefined && dayOfYear !== undefined) {
    return daysFromCivil(year, 1, 1) + inRange(dayOfYear, 1, isLeapYear(year) ? 366 : 365, 'dayOfYear') - 1;
  }
  const weekYear = fields.get('weekBasedYear');
  const week = fields.get('weekOfWeekBasedYear');
  const dayOfWeek = dayOfWeekOf(fields);
  if (weekYear !== undefined && week !== undefined && dayOfWeek !== undefined) {
    return startOfWeekBasedYear(weekYear) + (inRange(week, 1, 54, 'weekOfWeekBasedYear') - 1) * 7 + (dayOfWeek % 7);
  }
  return undefined;
}

/** `msOfDay`, and whether it is the midnight that ends the day (`24:00`). */
export interface ResolvedTime {
  readonly msOfDay: number;
  readonly excessDays: 0 | 1;
}

function hourOfAmPmOf(fields: ParsedFields): number | undefined {
  const clockHour = fields.get('clockHourOfAmPm');
  if (clockHour !== undefined) return inRange(clockHour, 1, 12, 'clockHourOfAmPm') % 12;
  const hour = fields.get('hourOfAmPm');
  return hour === undefined ? undefined : inRange(hour, 0, 11, 'hourOfAmPm');
}

function hourOf(fields: ParsedFields): number | undefined {
  const hour = fields.get('hour');
  if (hour !== undefined) return hour;
  const clockHour = fields.get('clockHour');
  if (clockHour !== undefined) return inRange(clockHour, 1, 24, 'clockHour') % 24;
  const hourOfAmPm = hourOfAmPmOf(fields);
  const amPm = fields.get('amPm');
  if (hourOfAmPm !== undefined) return amPm === undefined ? undefined : amPm * 12 + hourOfAmPm;
  // The middle of the half day.
  return amPm === undefined || fields.has('minute') ? undefined : amPm * 12 + 6;
}

/** The time that the fields make, cut to milliseconds, or undefined when there is no hour. @throws Error when out of range */
export function resolveTime(fields: ParsedFields): ResolvedTime | undefined {
  const nanoOfDay = fields.get('nanoOfDay');
  if (nanoOfDay !== undefined) {
    return { msOfDay: Math.floor(inRange(nanoOfDay, 0, 86_399_999_999_999, 'nanoOfDay') / 1e6), excessDays: 0 };
  }
  const milliOfDay = fields.get('milliOfDay');
  if (milliOfDay !== undefined) {
    return { msOfDay: inRange(milliOfDay, 0, MS_PER_DAY - 1, 'milliOfDay'), excessDays: 0 };
  }
  const hour = hourOf(fields);
  const rest = restOfHour(fields);
  if (hour === undefined) return undefined;
  if (hour === 24 && rest === 0) return { msOfDay: 0, excessDays: 1 };
  return { msOfDay: inRange(hour, 0, 23, 'hour') * 3_600_000 + rest, excessDays: 0 };
}

/** Without an hour of the day: what is given of the half day, which is the first one unless the text says otherwise. */
function restOfDay(fields: ParsedFields): number {
  const hour = (hourOfAmPmOf(fields) ?? 0) + (fields.get('amPm') ?? 0) * 12;
  return hour * 3_600_000 + restOfHour(fields);
}

function restOfHour(fields: ParsedFields): number {
  const minute = inRange(fields.get('minute') ?? 0, 0, 59, 'minute');
  const second = inRange(fields.get('second') ?? 0, 0, 59, 'second');
  const nano = inRange(fields.get('nano') ?? 0, 0, 999_999_999, 'nano');
  return (minute * 60 + second) * 1000 + Math.floor(nano / 1e6);
}

/**
 * The instant in ms. What the text leaves out is taken from 1970-01-01T00:00; a zone or offset in the text goes before
 * `zone`.
 */
export function resolveInstant(fields: ParsedFields, zone: Zone): number {
  const date = resolveDate(fields);
  const time = resolveTime(fields);
  const days = date ?? daysOf(yearOf(fields) ?? 1970, fields.get('month') ?? 1, fields.get('day') ?? 1);
  checkDefaulted(fields, date === undefined ? days : undefined);
  // Without a date in the text there is no next day for 24:00.
  const hasDate = yearOf(fields) !== undefined || fields.has('month') || fields.has('day');
  const excess = hasDate || date !== undefined ? (time?.excessDays ?? 0) : 0;
  const wallMs = (days + excess) * MS_PER_DAY + (time?.msOfDay ?? restOfDay(fields));
  const textZone = fields.zone ?? zone;
  return fields.offsetMs !== undefined ? wallMs - fields.offsetMs : instantOf(wallMs, textZone);
}

/** A weekday or quarter must fit the date that was completed with defaults. */
function checkDefaulted(fields: ParsedFields, days: number | undefined): void {
  if (days === undefined) return;
  const weekday = fields.get('dayOfWeek');
  if (weekday !== undefined && weekday !== isoDayOfWeek(days)) {
    throw new Error(`dayOfWeek is ${weekday}, but the date has ${isoDayOfWeek(days)}`);
  }
  const quarter = fields.get('quarter');
  const actual = Math.ceil(civilFromDays(days).month / 3);
  if (quarter !== undefined && quarter !== actual) throw new Error(`quarter is ${quarter}, but the date has ${actual}`);
}
