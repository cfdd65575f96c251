import { daysFromCivil, daysInMonth, MS_PER_DAY } from './civil-date.js';
import { parseDecimal, precisionOf, rescale } from './decimal-math.js';
import type { Decimal } from './decimal.js';
import { parseInt32, parseInt64, type Int64 } from './integer-math.js';
import { parseDouble } from './java-double.js';
import { shortened } from './shortened.js';

/**
 * What CAST from STRING reads, by target type. Every function throws `Error` for text that it does not read; the caller
 * turns that into NULL.
 */

/** Cuts control characters and blanks up to U+0020 at both ends, and nothing else (not U+00A0), as Java's `trim`. */
function trim(text: string): string {
  let start = 0;
  let end = text.length;
  while (start < end && text.charCodeAt(start) <= 0x20) start++;
  while (end > start && text.charCodeAt(end - 1) <= 0x20) end--;
  return start === 0 && end === text.length ? text : text.slice(start, end);
}

/** Decimal digits of any script as 0 to 9: Arabic-Indic, full-width… A block of ten starts at a multiple of its digit 0. */
export function asciiDigits(text: string): string {
  return text.replace(/[\u0080-\u{10ffff}]/gu, (character) => {
    if (!/\p{Nd}/u.test(character)) return character;
    const code = character.codePointAt(0) ?? 0;
    let zero = code;
    while (code - zero < 9 && /\p{Nd}/u.test(String.fromCodePoint(zero - 1))) zero--;
    return String((code - zero) % 10);
  });
}

/** True for `true`, `yes` and their beginnings, any case, blanks around; anything else is false. */
export function textToBoolean(text: string): boolean {
  const word = trim(text).toLowerCase();
  return word !== '' && ('true'.startsWith(word) || 'yes'.startsWith(word));
}

export function textToInteger(text: string): number {
  return parseInt32(asciiDigits(trim(text)));
}

export function textToBigint(text: string): Int64 {
  return parseInt64(asciiDigits(trim(text)));
}

/** Finite numbers only. */
export function textToDouble(text: string): number {
  const value = parseDouble(text);
  if (!Number.isFinite(value)) throw new Error(`Value is not a finite number: ${shortened(text)}`);
  return value;
}

/** HALF_UP to the scale; the range is checked before rounding, so a carry may exceed the precision. */
export function textToDecimal(text: string, precision: number, scale: number): Decimal {
  const value = parseDecimal(asciiDigits(trim(text)));
  if (value.unscaled !== 0n && precisionOf(value) - value.scale > precision - scale) {
    throw new Error(`Numeric field overflow: ${shortened(text)} does not fit DECIMAL(${precision}, ${scale})`);
  }
  return rescale(value, scale, 'HALF_UP');
}

const BASE64_TEXT = /^[A-Za-z0-9+/]*={0,2}$/;

/** Base64 with or without padding. */
export function textToBytes(text: string): Uint8Array {
  const bare = text.replace(/=+$/, '');
  if (!BASE64_TEXT.test(text) || bare.length % 4 === 1 || (bare.length !== text.length && text.length % 4 !== 0)) {
    throw new Error(`Text is not base64: ${shortened(text)}`);
  }
  return new Uint8Array(Buffer.from(text, 'base64'));
}

const YEAR = String.raw`([+-]\d{5,10}|[+-]?\d{4})`;
const DATE_TEXT = new RegExp(`^${YEAR}(?:-(\\d\\d)(?:-(\\d\\d))?)?$`);

/** `yyyy-MM-dd`, or its beginnings `yyyy` and `yyyy-MM`; a day that the month does not have is refused. Days since 1970-01-01. */
export function textToDate(text: string): number {
  const match = DATE_TEXT.exec(trim(text));
  const year = Number(match?.[1]);
  const month = Number(match?.[2] ?? 1);
  const day = Number(match?.[3] ?? 1);
  if (!match || month < 1 || month > 12 || day < 1 || day > daysInMonth(year, month)) {
    throw new Error(`Text is not a date (yyyy-MM-dd): ${shortened(text)}`);
  }
  return daysFromCivil(year, month, day);
}

const TIME_TEXT = /^(\d\d):(\d\d)(?::(\d\d)(?:\.(\d{0,9}))?)?$/;

/** `HH:mm[:ss[.fraction]]`, cut to milliseconds. Milliseconds of the day. */
export function textToTime(text: string): number {
  const match = TIME_TEXT.exec(trim(text));
  const hour = Number(match?.[1]);
  const minute = Number(match?.[2]);
  const second = Number(match?.[3] ?? 0);
  if (!match || hour > 23 || minute > 59 || second > 59)
    throw new Error(`Text is not a time (HH:mm[:ss]): ${shortened(text)}`);
  return ((hour * 60 + minute) * 60 + second) * 1000 + Number((match[4] ?? '').padEnd(3, '0').slice(0, 3));
}

const TIMESTAMP_TEXT =
  /^(\d{4}|\+\d{5,9})(?:-(\d\d)(?:-(\d\d))?)?(?:T(?:(\d\d)(?::(\d\d)(?::(\d\d)(?:\.(\d{1,3}))?)?)?)?(Z|[+-]\d\d:?\d\d)?)?$/;

/**
 * `yyyy[-MM[-dd]]['T'[HH[:mm[:ss[.SSS]]]][zone]]`, zone `Z`, `+hhmm` or `+hh:mm`, UTC without one. The last days of a month are
 * clipped to its length, `24:00` is the next midnight. Milliseconds since the epoch.
 */
export function textToTimestamp(text: string): number {
  const match = TIMESTAMP_TEXT.exec(trim(text));
  if (!match) throw new Error(`Text is not a timestamp (yyyy-MM-dd'T'HH:mm:ss.SSS): ${shortened(text)}`);
  const year = Number(match[1]);
  const month = Number(match[2] ?? 1);
  const day = Number(match[3] ?? 1);
  const hour = Number(match[4] ?? 0);
  const minute = Number(match[5] ?? 0);
  const second = Number(match[6] ?? 0);
  const ms = Number((match[7] ?? '').padEnd(3, '0'));
  const isEndOfDay = hour === 24 && minute === 0 && second === 0 && ms === 0;
  if (month < 1 || month > 12 || day < 1 || day > 31 || (hour > 23 && !isEndOfDay) || minute > 59 || second > 59) {
    throw new Error(`Text has a field out of range: ${shortened(text)}`);
  }
  const days = daysFromCivil(year, month, Math.min(day, daysInMonth(year, month)));
  return days * MS_PER_DAY + ((hour * 60 + minute) * 60 + second) * 1000 + ms - zoneOffsetMs(match[8]);
}

function zoneOffsetMs(zone: string | undefined): number {
  if (zone === undefined || zone === 'Z') return 0;
  const minutes = Number(zone.slice(1, 3)) * 60 + Number(zone.slice(-2));
  return (zone.startsWith('-') ? -minutes : minutes) * 60_000;
}
