import type { TextField, TextStyle } from './names.js';

/** Fields that print and parse as numbers. Days of the week count from Monday as 1, `localDayOfWeek` from Sunday as 1. */
export type NumberField =
  | 'year'
  | 'yearOfEra'
  | 'month'
  | 'day'
  | 'dayOfYear'
  | 'quarter'
  | 'weekBasedYear'
  | 'weekOfWeekBasedYear'
  | 'weekOfMonth'
  | 'localDayOfWeek'
  | 'alignedDayOfWeekInMonth'
  | 'modifiedJulianDay'
  | 'hour'
  | 'clockHour'
  | 'hourOfAmPm'
  | 'clockHourOfAmPm'
  | 'minute'
  | 'second'
  | 'nano'
  | 'milliOfDay'
  | 'nanoOfDay';

type SignStyle = 'normal' | 'not-negative' | 'exceeds-pad';

export interface NumberItem {
  readonly kind: 'number';
  readonly field: NumberField;
  readonly minWidth: number;
  readonly maxWidth: number;
  readonly sign: SignStyle;
  /** Two digits of a year from 2000 to 2099. */
  readonly isReduced?: boolean;
  /** Digits after the decimal point of a second. */
  readonly isFraction?: boolean;
  /** When parsing: digits that belong to the fixed-width numbers that follow at once (`yyyyMMdd`). */
  readonly reservedWidth: number;
}

export type PatternItem =
  | { readonly kind: 'literal'; readonly text: string }
  | NumberItem
  | { readonly kind: 'text'; readonly field: TextField; readonly style: TextStyle }
  | { readonly kind: 'dayPeriod' }
  /** An offset such as `+01:00`; `zero` is what 0 prints as. */
  | { readonly kind: 'offset'; readonly form: OffsetForm; readonly zero: string }
  | { readonly kind: 'localizedOffset'; readonly isFull: boolean }
  | { readonly kind: 'zoneId' }
  | { readonly kind: 'zoneName'; readonly isFull: boolean }
  | { readonly kind: 'optional'; readonly items: readonly PatternItem[] }
  | { readonly kind: 'padded'; readonly width: number; readonly item: PatternItem };

/** `H`: hours, `m`: minutes only if not zero, `s`: seconds only if not zero. */
export type OffsetForm = '+HHmm' | '+HHMM' | '+HH:MM' | '+HHMMss' | '+HH:MM:ss';

const number = (
  field: NumberField,
  minWidth: number,
  maxWidth: number,
  sign: SignStyle = 'not-negative',
  more: Pick<NumberItem, 'isReduced' | 'isFraction'> = {},
): NumberItem => ({ kind: 'number', field, minWidth, maxWidth, sign, reservedWidth: 0, ...more });

const text = (field: TextField, style: TextStyle): PatternItem => ({ kind: 'text', field, style });
const STYLES: readonly TextStyle[] = ['short', 'full', 'narrow'];

function tooMany(letter: string): Error {
  return new Error(`too many pattern letters: ${letter}`);
}

/** One digit at least, or exactly two. */
const oneOrTwo = (field: NumberField) => (count: number, letter: string) => {
  if (count > 2) throw tooMany(letter);
  return count === 1 ? number(field, 1, 19, 'normal') : number(field, 2, 2);
};

const year = (field: NumberField) => (count: number) =>
  count === 2
    ? number(field, 2, 2, 'not-negative', { isReduced: true })
    : number(field, count, 19, count < 4 ? 'normal' : 'exceeds-pad');

/** A number for one or two letters, then texts. */
const numberOrText = (field: NumberField, textField: TextField) => (count: number, letter: string) => {
  if (count <= 2) return oneOrTwo(field)(count, letter);
  const style = STYLES[count - 3];
  if (style === undefined) throw tooMany(letter);
  return text(textField, style);
};

const textOnly = (field: TextField) => (count: number, letter: string) => {
  const style = STYLES[Math.max(0, count - 3)];
  if (style === undefined) throw tooMany(letter);
  return text(field, style);
};

const single = (item: PatternItem) => (count: number, letter: string) => {
  if (count > 1) throw tooMany(letter);
  return item;
};

const isoOffset = (zero: string) => (count: number, letter: string) => {
  const forms: readonly OffsetForm[] = ['+HHmm', '+HHMM', '+HH:MM', '+HHMMss', '+HH:MM:ss'];
  const form = forms[count - 1];
  if (form === undefined) throw tooMany(letter);
  const ofNothing = count === 1 ? '+00' : form.includes(':') ? '+00:00' : '+0000';
  return { kind: 'offset', form, zero: zero === '' ? ofNothing : zero } as const;
};

/** One entry per letter of Java's DateTimeFormatter patterns. */
const LETTERS: Readonly<Record<string, (count: number, letter: string) => PatternItem>> = {
  G: textOnly('era'),
  u: year('year'),
  y: year('yearOfEra'),
  Y: year('weekBasedYear'),
  M: numberOrText('month', 'month'),
  L: numberOrText('month', 'month'),
  Q: numberOrText('quarter', 'quarter'),
  q: numberOrText('quarter', 'quarter'),
  w: (count, letter) => {
    if (count > 2) throw tooMany(letter);
    return number('weekOfWeekBasedYear', count, 2);
  },
  W: single(number('weekOfMonth', 1, 2)),
  d: oneOrTwo('day'),
  D: (count, letter) => {
    if (count > 3) throw tooMany(letter);
    return count === 1 ? number('dayOfYear', 1, 19, 'normal') : number('dayOfYear', count, 3);
  },
  E: textOnly('dayOfWeek'),
  e: (count, letter) => (count <= 2 ? number('localDayOfWeek', count, 2) : textOnly('dayOfWeek')(count, letter)),
  c: (count, letter) => {
    if (count === 2) throw new Error('invalid pattern: cc');
    return count === 1 ? number('localDayOfWeek', 1, 2) : textOnly('dayOfWeek')(count, letter);
  },
  F: single(number('alignedDayOfWeekInMonth', 1, 19, 'normal')),
  g: (count) => number('modifiedJulianDay', count, 19, 'normal'),
  a: single(text('amPm', 'short')),
  B: (count) => {
    if (count !== 1 && count !== 4 && count !== 5) throw new Error(`wrong number of pattern letters: B`);
    return { kind: 'dayPeriod' };
  },
  H: oneOrTwo('hour'),
  k: oneOrTwo('clockHour'),
  K: oneOrTwo('hourOfAmPm'),
  h: oneOrTwo('clockHourOfAmPm'),
  m: oneOrTwo('minute'),
  s: oneOrTwo('second'),
  S: (count, letter) => {
    if (count > 9) throw tooMany(letter);
    return number('nano', count, count, 'not-negative', { isFraction: true });
  },
  A: (count) => number('milliOfDay', count, 19),
  n: (count) => number('nano', count, 19),
  N: (count) => number('nanoOfDay', count, 19),
  V: (count) => {
    if (count !== 2) throw new Error('the zone id is written VV');
    return { kind: 'zoneId' };
  },
  v: zoneName,
  z: zoneName,
  O: (count) => {
    if (count !== 1 && count !== 4) throw new Error('a localized offset is written O or OOOO');
    return { kind: 'localizedOffset', isFull: count === 4 };
  },
  X: isoOffset('Z'),
  x: isoOffset(''),
  Z: (count, letter) => {
    if (count > 5) throw tooMany(letter);
    if (count === 4) return { kind: 'localizedOffset', isFull: true };
    return count === 5
      ? { kind: 'offset', form: '+HH:MM:ss', zero: 'Z' }
      : { kind: 'offset', form: '+HHMM', zero: '+0000' };
  },
};

function zoneName(count: number, letter: string): PatternItem {
  if (count > 4) throw tooMany(letter);
  return { kind: 'zoneName', isFull: count === 4 };
}

/**
 * Reads a pattern of Java's DateTimeFormatter: letters, `'literal'`, `''`, `[optional]`, `p` padding.
 * @throws Error for letters and characters that have no meaning
 */
export function parsePattern(pattern: string): readonly PatternItem[] {
  const stack: PatternItem[][] = [[]];
  const items = (): PatternItem[] => stack.at(-1) as PatternItem[];
  const closeOptional = () => {
    const optional = stack.pop() as PatternItem[];
    items().push({ kind: 'optional', items: reserveWidths(optional) });
  };
  for (let at = 0; at < pattern.length;) {
    const character = pattern[at] as string;
    if (/[A-Za-z]/.test(character)) {
      const [item, end] = readLetters(pattern, at);
      items().push(item);
      at = end;
    } else if (character === "'") {
      const [literal, end] = readQuoted(pattern, at);
      items().push({ kind: 'literal', text: literal });
      at = end;
    } else {
      at++;
      if (character === '[') stack.push([]);
      else if (character === ']') {
        if (stack.length === 1) throw new Error('the pattern has ] without [');
        closeOptional();
      } else if ('{}#'.includes(character)) {
        throw new Error(`the pattern has the reserved character '${character}': quote it`);
      } else {
        items().push({ kind: 'literal', text: character });
      }
    }
  }
  while (stack.length > 1) closeOptional();
  return reserveWidths(items());
}

function runLength(pattern: string, at: number): number {
  let end = at;
  while (pattern[end] === pattern[at]) end++;
  return end - at;
}

function readLetters(pattern: string, at: number): readonly [item: PatternItem, end: number] {
  const letter = pattern[at] as string;
  const count = runLength(pattern, at);
  if (letter === 'p') {
    const next = pattern[at + count];
    if (next === undefined || !/[A-Za-oq-z]/.test(next)) {
      throw new Error("the pad letter 'p' must be followed by a pattern letter");
    }
    const [item, end] = readLetters(pattern, at + count);
    return [{ kind: 'padded', width: count, item }, end];
  }
  const make = LETTERS[letter];
  if (make === undefined) throw new Error(`unknown pattern letter: ${letter}`);
  return [make(count, letter), at + count];
}

function readQuoted(pattern: string, at: number): readonly [literal: string, end: number] {
  let literal = '';
  for (let i = at + 1; i < pattern.length; i++) {
    if (pattern[i] !== "'") literal += pattern[i] as string;
    else if (pattern[i + 1] === "'") {
      literal += "'";
      i++;
    } else return [literal === '' ? "'" : literal, i + 1];
  }
  throw new Error('the pattern ends within a quoted text');
}

const isFixedWidth = (item: NumberItem): boolean => item.minWidth === item.maxWidth && item.sign === 'not-negative';

/** Lets the first number of an unbroken run leave the digits of the fixed-width numbers behind it. */
function reserveWidths(items: readonly PatternItem[]): readonly PatternItem[] {
  const reserved = [...items];
  let active = -1;
  items.forEach((item, i) => {
    if (item.kind !== 'number') {
      active = -1;
    } else if (active >= 0 && isFixedWidth(item)) {
      const base = reserved[active] as NumberItem;
      reserved[active] = { ...base, reservedWidth: base.reservedWidth + item.maxWidth };
    } else {
      active = i;
    }
  });
  return reserved;
}
