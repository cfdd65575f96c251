import { daysFromCivil, MS_PER_DAY } from '../../types/civil-date.js';
import { DAYS, MONTHS } from './names.js';
import { startOfWeekBasedYear } from './moment.js';
import { parseOffsetMs } from './zone.js';

/**
 * Java's older SimpleDateFormat, which PARSE_DATE follows: lenient (February 30 is March 2, month 0 the December before), and
 * what comes after the match is not looked at. Dates are of the proleptic Gregorian calendar.
 */
type Fields = Map<string, number>;
type Item =
  | { readonly kind: 'literal'; readonly text: string }
  | { readonly kind: 'letters'; readonly letter: string; readonly count: number; readonly isFollowedByNumber: boolean };

const LETTERS = 'GyYMLwWDdFEuaHkKhmsSzZX';
const TEXT_LETTERS = 'GEazZX';

/** Years of two digits are those from here on for a century; Java goes by the date of the run, which gives much the same. */
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
  const sign = text[at] === '-' ? 1 : 0;
  let end = at + sign;
  const limit = item.isFollowedByNumber ? at + item.count : text.length;
  while (end < limit && text[end] !== undefined && /\d/.test(text[end] as string)) end++;
  if (end === at + sign) return undefined;
  const value = Number(text.slice(at, end));
  if (item.letter === 'u' && (value < 1 || value > 7)) return undefined;
  const isShortYear = item.letter.toLowerCase() === 'y' && item.count <= 2 && end - at === 2 && sign === 0;
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

function epochMs(fields: Fields): number {
  const get = (letter: string, missing: number): number => fields.get(letter) ?? missing;
  const yearOfEra = get('y', 1970);
  const year = fields.get('G') === 0 ? 1 - yearOfEra : yearOfEra;
  let days: number;
  if (fields.has('D') && !fields.has('M') && !fields.has('d')) {
    days = daysFromCivil(year, 1, 1) + get('D', 1) - 1;
  } else if ((fields.has('Y') || fields.has('w')) && !fields.has('M') && !fields.has('d')) {
    const dayOfWeek = fields.has('u') ? get('u', 7) % 7 : 0;
    days = startOfWeekBasedYear(get('Y', year)) + (get('w', 1) - 1) * 7 + dayOfWeek;
  } else {
    const month = get('M', 1) - 1;
    days = daysFromCivil(year + Math.floor(month / 12), (((month % 12) + 12) % 12) + 1, 1) + get('d', 1) - 1;
  }
  const hour = fields.get('H') ?? (fields.has('k') ? get('k', 0) % 24 : undefined);
  const halfDay = fields.has('K') ? get('K', 0) : fields.has('h') ? get('h', 0) % 12 : undefined;
  const hours = hour ?? (halfDay === undefined ? 0 : halfDay + get('a', 0) * 12);
  const ms = ((hours * 60 + get('m', 0)) * 60 + get('s', 0)) * 1000 + get('S', 0);
  return days * MS_PER_DAY + ms - get('zone', 0);
}
