import { daysFromCivil, MS_PER_DAY } from '../../types/civil-date.js';
import { DAYS, MONTHS } from './names.js';
import { startOfWeekBasedYear } from './moment.js';
import { asciiDigits } from '../../types/text-to-value.js';
import { parseOffsetMs } from './zone.js';

/**
 * Java's older date format, which PARSE_DATE follows: lenient (February 30 is March 2, month 0 the December before), digits of any
 * script, and what comes after the match is not looked at. A text names a day of the Gregorian calendar, before its beginning in 1582
 * one of the Julian calendar.
 */
type Fields = Map<string, number>;
type Item =
  | { readonly kind: 'literal'; readonly text: string }
  | { readonly kind: 'letters'; readonly letter: string; readonly count: number; readonly isFollowedByNumber: boolean };

const LETTERS = 'GyYMLwWDdFEuaHkKhmsSzZX';
const TEXT_LETTERS = 'GEazZX';

const DIGIT = /\p{Nd}/u;

/** Years below 100 by `y` or `yy` are those from here on for a century; Java goes by the date of the run, which gives much the same. */
const FIRST_SHORT_YEAR = 1950;

/** @throws Error for letters that have no meaning */
export function simpleDateParser(pattern: string): (text: string) => number {
  const items = readPattern(pattern);
  return (text) => {
    const fields: Fields = new Map();
    let at = 0;
    for (const item of items) {
      const end = item.kind === 'literal' ? literalEnd(item.text, text, at) : lettersEnd(item, text, at, fields);
      if (end === undefined) throw new Error(`'${text}' does not follow the pattern '${pattern}'`);
      at = end;
    }
    return epochMs(fields);
  };
}

function readPattern(pattern: string): readonly Item[] {
  const items: Item[] = [];
  for (const match of pattern.matchAll(/([A-Za-z])\1*|'((?:[^']|'')*)'|'|[^A-Za-z']+/g)) {
    const letter = match[1];
    if (match[0] === "'") throw new Error('the pattern ends within a quoted text');
    if (letter === undefined) {
      const quoted = match[2];
      const text = quoted === undefined ? match[0] : quoted === '' ? "'" : quoted.replaceAll("''", "'");
      items.push({ kind: 'literal', text });
      continue;
    }
    if (!LETTERS.includes(letter)) throw new Error(`unknown pattern letter: ${letter}`);
    items.push({ kind: 'letters', letter, count: match[0].length, isFollowedByNumber: false });
  }
  return items.map((item, i) => {
    const next = items[i + 1];
    return item.kind === 'letters' && next?.kind === 'letters' && isNumeric(next.letter, next.count)
      ? { ...item, isFollowedByNumber: true }
      : item;
  });
}

function isNumeric(letter: string, count: number): boolean {
  return !TEXT_LETTERS.includes(letter) && !((letter === 'M' || letter === 'L') && count >= 3);
}

function literalEnd(literal: string, text: string, at: number): number | undefined {
  return text.startsWith(literal, at) ? at + literal.length : undefined;
}

function lettersEnd(
  item: Extract<Item, { kind: 'letters' }>,
  text: string,
  from: number,
  fields: Fields,
): number | undefined {
  let at = from;
  while (text[at] === ' ' || text[at] === '\t') at++;
  if (!isNumeric(item.letter, item.count)) return textEnd(item.letter, text, at, fields);
  let end = at;
  const limit = item.isFollowedByNumber ? at + item.count : text.length;
  while (end < limit && text[end] !== undefined && DIGIT.test(text[end] as string)) end++;
  if (end === at) return undefined;
  const value = Number(asciiDigits(text.slice(at, end)));
  if (item.letter === 'u' && (value < 1 || value > 7)) return undefined;
  const isShortYear = item.letter.toLowerCase() === 'y' && item.count <= 2 && value < 100;
  fields.set(item.letter === 'L' ? 'M' : item.letter, isShortYear ? nearYear(value) : value);
  return end;
}

function nearYear(twoDigits: number): number {
  const year = 1900 + twoDigits;
  return year < FIRST_SHORT_YEAR ? year + 100 : year;
}

function textEnd(letter: string, text: string, at: number, fields: Fields): number | undefined {
  const match = (names: readonly string[]): readonly [index: number, end: number] | undefined => {
    const index = names.findIndex((name) => text.slice(at, at + name.length).toLowerCase() === name.toLowerCase());
    return index < 0 ? undefined : [index, at + (names[index] as string).length];
  };
  switch (letter) {
    case 'M':
    case 'L': {
      const found = match([...MONTHS, ...MONTHS.map((name) => name.slice(0, 3))]);
      if (found) fields.set('M', (found[0] % 12) + 1);
      return found?.[1];
    }
    case 'E':
      return match([...DAYS, ...DAYS.map((name) => name.slice(0, 3))])?.[1];
    case 'G': {
      const found = match(['BC', 'AD']);
      if (found) fields.set('G', found[0]);
      return found?.[1];
    }
    case 'a': {
      const found = match(['AM', 'PM']);
      if (found) fields.set('a', found[0]);
      return found?.[1];
    }
    default: {
      const zone = /^(?:(?:GMT|UTC)?([+-]\d{1,2}(?::?\d{2})?)|Z|GMT|UTC)/.exec(text.slice(at));
      if (!zone) return undefined;
      fields.set('zone', zone[1] === undefined ? 0 : (parseOffsetMs(zone[1]) ?? 0));
      return at + zone[0].length;
    }
  }
}

const FIRST_GREGORIAN_DAY = daysFromCivil(1582, 10, 15);

/** Days since 1970-01-01 of a day that may lie beyond the end of its month. */
function daysOfCalendar(year: number, month: number, day: number): number {
  const gregorian = daysFromCivil(year, month, 1) + day - 1;
  return gregorian >= FIRST_GREGORIAN_DAY ? gregorian : daysFromJulian(year, month) + day - 1;
}

/** The first day of a month of the Julian calendar, whose every fourth year is a leap year; its years begin in March here. */
function daysFromJulian(year: number, month: number): number {
  const shifted = month <= 2 ? year - 1 : year;
  const dayOfYear = Math.floor((153 * (month > 2 ? month - 3 : month + 9) + 2) / 5);
  return Math.floor((1461 * shifted) / 4) + dayOfYear - DAYS_TO_1970;
}
/** From March 1 of the Julian year 0 to 1970-01-01. */
const DAYS_TO_1970 = 719_470;

function epochMs(fields: Fields): number {
  const get = (letter: string, missing: number): number => fields.get(letter) ?? missing;
  const yearOfEra = get('y', 1970);
  const year = fields.get('G') === 0 ? 1 - yearOfEra : yearOfEra;
  let days: number;
  if (fields.has('D') && !fields.has('M') && !fields.has('d')) {
    days = daysOfCalendar(year, 1, get('D', 1));
  } else if ((fields.has('Y') || fields.has('w')) && !fields.has('M') && !fields.has('d')) {
    const dayOfWeek = fields.has('u') ? get('u', 7) % 7 : 0;
    days = startOfWeekBasedYear(get('Y', year)) + (get('w', 1) - 1) * 7 + dayOfWeek;
  } else {
    const month = get('M', 1) - 1;
    days = daysOfCalendar(year + Math.floor(month / 12), (((month % 12) + 12) % 12) + 1, get('d', 1));
  }
  const hour = fields.get('H') ?? (fields.has('k') ? get('k', 0) % 24 : undefined);
  const halfDay = fields.has('K') ? get('K', 0) : fields.has('h') ? get('h', 0) % 12 : undefined;
  const hours = hour ?? (halfDay === undefined ? 0 : halfDay + get('a', 0) * 12);
  const ms = ((hours * 60 + get('m', 0)) * 60 + get('s', 0)) * 1000 + get('S', 0);
  return days * MS_PER_DAY + ms - get('zone', 0);
}
