import { dayPeriod, TEXTS } from './names.js';
import { fieldOf, type Moment } from './moment.js';
import { parsePattern, type NumberItem, type OffsetForm, type PatternItem } from './pattern.js';
import { zoneNameOf } from './zone-name.js';
import { MS_PER_DAY } from '../../types/civil-date.js';

/** Compiles a pattern. The formatter throws when the moment lacks a field of the pattern. @throws Error for a bad pattern */
export function dateTimeFormatter(pattern: string): (moment: Moment) => string {
  const items = parsePattern(pattern);
  return (moment) => formatItems(items, moment);
}

function formatItems(items: readonly PatternItem[], moment: Moment): string {
  let text = '';
  for (const item of items) text += formatItem(item, moment);
  return text;
}

function formatItem(item: PatternItem, moment: Moment): string {
  switch (item.kind) {
    case 'literal':
      return item.text;
    case 'number':
      return formatNumber(item, fieldOf(moment, item.field));
    case 'text': {
      const texts = TEXTS[item.field];
      return texts[item.style][fieldOf(moment, item.field) - texts.firstValue] ?? '';
    }
    case 'dayPeriod':
      return dayPeriod(fieldOf(moment, 'hour') * 60 + fieldOf(moment, 'minute'));
    case 'offset':
      return formatOffset(offsetOf(moment), item.form, item.zero);
    case 'localizedOffset':
      return formatLocalizedOffset(offsetOf(moment), item.isFull);
    case 'zoneId':
      return zoneOfMoment(moment).id;
    case 'zoneName':
      return zoneNameOf(zoneOfMoment(moment), instantOfMoment(moment), item.isFull);
    case 'optional':
      return formatOptional(item.items, moment);
    case 'padded': {
      const text = formatItem(item.item, moment);
      if (text.length > item.width) throw new Error(`'${text}' is longer than the padding of ${item.width}`);
      return text.padStart(item.width);
    }
  }
}

/** An optional part that lacks a field is left out. */
function formatOptional(items: readonly PatternItem[], moment: Moment): string {
  try {
    return formatItems(items, moment);
  } catch {
    return '';
  }
}

function formatNumber(item: NumberItem, value: number): string {
  if (item.isFraction) return String(value).padStart(9, '0').slice(0, item.maxWidth);
  const magnitude = Math.abs(value);
  if (item.isReduced) return String(magnitude % 100).padStart(2, '0');
  const digits = String(magnitude);
  if (digits.length > item.maxWidth) throw new Error(`${value} is longer than ${item.maxWidth} digits`);
  const padded = digits.padStart(item.minWidth, '0');
  if (value < 0) {
    if (item.sign === 'not-negative') throw new Error(`${value} is negative`);
    return `-${padded}`;
  }
  return item.sign === 'exceeds-pad' && digits.length > item.minWidth ? `+${padded}` : padded;
}

function offsetOf(moment: Moment): number {
  if (moment.offsetMs === undefined) throw new Error('the value has no zone, so it has no offset');
  return moment.offsetMs;
}

function zoneOfMoment(moment: Moment) {
  if (moment.zone === undefined) throw new Error('the value has no zone');
  return moment.zone;
}

function instantOfMoment(moment: Moment): number {
  return (moment.days ?? 0) * MS_PER_DAY + (moment.msOfDay ?? 0) - (moment.offsetMs ?? 0);
}

const two = (value: number): string => String(value).padStart(2, '0');

function offsetParts(offsetMs: number) {
  const total = Math.abs(offsetMs) / 1000;
  return {
    sign: offsetMs < 0 ? '-' : '+',
    hours: Math.floor(total / 3600),
    minutes: Math.floor(total / 60) % 60,
    seconds: Math.floor(total) % 60,
  };
}

function formatOffset(offsetMs: number, form: OffsetForm, zero: string): string {
  if (offsetMs === 0) return zero;
  const { sign, hours, minutes, seconds } = offsetParts(offsetMs);
  const colon = form.includes(':') ? ':' : '';
  const shownMinutes = form === '+HHmm' && minutes === 0 ? '' : `${colon}${two(minutes)}`;
  const shownSeconds = form.endsWith('ss') && seconds !== 0 ? `${colon}${two(seconds)}` : '';
  return `${sign}${two(hours)}${shownMinutes}${shownSeconds}`;
}

function formatLocalizedOffset(offsetMs: number, isFull: boolean): string {
  if (offsetMs === 0) return 'GMT';
  const { sign, hours, minutes, seconds } = offsetParts(offsetMs);
  const shownSeconds = seconds === 0 ? '' : `:${two(seconds)}`;
  if (isFull) return `GMT${sign}${two(hours)}:${two(minutes)}${shownSeconds}`;
  return `GMT${sign}${hours}${minutes === 0 && seconds === 0 ? '' : `:${two(minutes)}${shownSeconds}`}`;
}
