import { TEXTS, type TextField } from './names.js';
import { parsePattern, type NumberField, type NumberItem, type PatternItem } from './pattern.js';
import { parseOffsetMs, zoneOf, type Zone } from './zone.js';
import { ZONES_BY_NAME } from './zone-name.js';

/** What a text said, before it is made a date and a time. */
export class ParsedFields {
  readonly #values = new Map<NumberField | TextField, number>();
  zone: Zone | undefined;
  offsetMs: number | undefined;

  get(field: NumberField | TextField): number | undefined {
    return this.#values.get(field);
  }

  has(field: NumberField | TextField): boolean {
    return this.#values.has(field);
  }

  set(field: NumberField | TextField, value: number): void {
    const earlier = this.#values.get(field);
    if (earlier !== undefined && earlier !== value)
      throw new Error(`the text gives ${field} as ${earlier} and ${value}`);
    this.#values.set(field, value);
  }

  fields(): Iterable<readonly [NumberField | TextField, number]> {
    return this.#values;
  }

  /** For optional parts, which may fail half way. */
  copyFrom(other: ParsedFields): void {
    this.#values.clear();
    for (const [field, value] of other.fields()) this.#values.set(field, value);
    this.zone = other.zone;
    this.offsetMs = other.offsetMs;
  }
}

/**
 * Compiles a pattern to a parser of whole texts; letters match in any case. The parser throws where the text does not follow
 * the pattern. @throws Error for a bad pattern
 */
export function dateTimeParser(pattern: string): (text: string) => ParsedFields {
  const items = parsePattern(pattern);
  return (text) => {
    const fields = new ParsedFields();
    const end = parseItems(items, text, 0, fields);
    if (end < text.length) throw new Error(`'${text}' goes on after the pattern's end, at position ${end + 1}`);
    return fields;
  };
}

function parseItems(items: readonly PatternItem[], text: string, from: number, fields: ParsedFields): number {
  let at = from;
  for (const item of items) at = parseItem(item, text, at, fields);
  return at;
}

function mismatch(text: string, at: number, expected: string): Error {
  return new Error(`'${text}' has no ${expected} at position ${at + 1}`);
}

function parseItem(item: PatternItem, text: string, at: number, fields: ParsedFields): number {
  switch (item.kind) {
    case 'literal': {
      const end = at + item.text.length;
      if (text.slice(at, end).toLowerCase() !== item.text.toLowerCase()) throw mismatch(text, at, `'${item.text}'`);
      return end;
    }
    case 'number':
      return parseNumber(item, text, at, fields);
    case 'text':
      return parseText(item.field, TEXTS[item.field][item.style], text, at, fields);
    case 'dayPeriod':
      throw new Error('a pattern with B can only format');
    case 'offset':
      return parseOffset(text, at, item.zero, fields);
    case 'localizedOffset': {
      if (text.slice(at, at + 3).toUpperCase() !== 'GMT') throw mismatch(text, at, 'offset such as GMT+01:00');
      if (!/^[+-]/.test(text.slice(at + 3))) {
        fields.offsetMs = 0;
        return at + 3;
      }
      return parseOffset(text, at + 3, '', fields);
    }
    case 'zoneId':
    case 'zoneName':
      return parseZone(text, at, item.kind === 'zoneName', fields);
    case 'optional': {
      const attempt = new ParsedFields();
      attempt.copyFrom(fields);
      try {
        const end = parseItems(item.items, text, at, attempt);
        fields.copyFrom(attempt);
        return end;
      } catch {
        return at;
      }
    }
    case 'padded': {
      const padded = text.slice(at, at + item.width);
      if (padded.length < item.width) throw mismatch(text, at, `${item.width} characters`);
      parseItems([item.item], padded.trimStart(), 0, fields);
      return at + item.width;
    }
  }
}

function countDigits(text: string, at: number, max: number): number {
  let count = 0;
  while (count < max) {
    const unit = text.charCodeAt(at + count);
    if (!(unit >= 0x30 && unit <= 0x39)) break;
    count++;
  }
  return count;
}

function parseNumber(item: NumberItem, text: string, from: number, fields: ParsedFields): number {
  const sign = text[from];
  const isNegative = sign === '-';
  const isSigned = isNegative ? item.sign !== 'not-negative' : sign === '+' && item.sign === 'exceeds-pad';
  const at = isSigned ? from + 1 : from;
  let width = countDigits(text, at, item.maxWidth + item.reservedWidth);
  if (item.reservedWidth > 0) width = Math.max(Math.min(item.minWidth, width), width - item.reservedWidth);
  width = Math.min(width, item.maxWidth);
  if (width < item.minWidth) throw mismatch(text, from, `${item.field} of ${item.minWidth} digits`);
  if (item.sign === 'exceeds-pad' && !isNegative && isSigned !== width > item.minWidth) {
    throw mismatch(text, from, `${item.field}: more than ${item.minWidth} digits need a sign`);
  }
  const digits = Number(text.slice(at, at + width));
  if (item.isFraction) fields.set(item.field, digits * 10 ** (9 - width));
  else fields.set(item.field, item.isReduced ? 2000 + digits : isNegative ? -digits : digits);
  return at + width;
}

function parseText(field: TextField, names: readonly string[], text: string, at: number, fields: ParsedFields): number {
  let best = -1;
  names.forEach((name, i) => {
    const isMatch = text.slice(at, at + name.length).toLowerCase() === name.toLowerCase();
    if (isMatch && (best < 0 || name.length > (names[best] as string).length)) best = i;
  });
  if (best < 0) throw mismatch(text, at, field);
  fields.set(field, best + TEXTS[field].firstValue);
  return at + (names[best] as string).length;
}

const OFFSET = /[+-]\d{2}(?::?\d{2}(?::?\d{2})?)?/y;

function parseOffset(text: string, at: number, zero: string, fields: ParsedFields): number {
  if (zero !== '' && text.slice(at, at + zero.length).toUpperCase() === zero && !/^[+]/.test(zero)) {
    fields.offsetMs = 0;
    return at + zero.length;
  }
  OFFSET.lastIndex = at;
  const match = OFFSET.exec(text)?.[0];
  if (match === undefined) throw mismatch(text, at, 'offset');
  fields.offsetMs = parseOffsetMs(match) ?? 0;
  return at + match.length;
}

const ZONE = /[A-Za-z][A-Za-z0-9~/._+:-]*|[+-]\d[\d:]*/y;

function parseZone(text: string, at: number, isName: boolean, fields: ParsedFields): number {
  ZONE.lastIndex = at;
  const match = ZONE.exec(text)?.[0];
  if (match === undefined) throw mismatch(text, at, 'time zone');
  const byName = isName ? ZONES_BY_NAME[match.toUpperCase()] : undefined;
  fields.zone = zoneOf(byName ?? match);
  return at + match.length;
}
