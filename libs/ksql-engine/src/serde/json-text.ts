import { parseDecimal } from '../types/decimal-math.js';
import type { JsonScanner } from './json-scanner.js';

// eslint-disable-next-line no-control-regex -- control characters are what must be escaped
const NEEDS_ESCAPE = /["\\\u0000-\u001f]/;
// eslint-disable-next-line no-control-regex -- as above
const ESCAPED = /["\\\u0000-\u001f]/g;
const SHORT_ESCAPES: Readonly<Record<string, string>> = {
  '"': '\\"',
  '\\': '\\\\',
  '\b': '\\b',
  '\f': '\\f',
  '\n': '\\n',
  '\r': '\\r',
  '\t': '\\t',
};

/** A text in JSON quotes. Only what must be escaped is. */
export function jsonString(text: string): string {
  if (!NEEDS_ESCAPE.test(text)) return `"${text}"`;
  const escaped = text.replace(
    ESCAPED,
    (character) =>
      SHORT_ESCAPES[character] ?? `\\u${character.charCodeAt(0).toString(16).toUpperCase().padStart(4, '0')}`,
  );
  return `"${escaped}"`;
}

/** Any JSON as text: a text as it is, other scalars as written, objects and arrays as compact JSON. */
export function readAsText(scanner: JsonScanner): string {
  return scanner.peek() === 'string' ? scanner.takeString() : compactText(scanner);
}

function compactText(scanner: JsonScanner): string {
  const kind = scanner.peek();
  switch (kind) {
    case 'string':
      return jsonString(scanner.takeString());
    case 'number':
      return numberText(scanner.takeNumber());
    case 'true':
      scanner.takeTrue();
      return kind;
    case 'false':
      scanner.takeFalse();
      return kind;
    case 'null':
      scanner.takeNull();
      return kind;
    case 'bad':
      return '';
    case 'array': {
      scanner.open();
      const items: string[] = [];
      while (scanner.hasItem(items.length === 0)) items.push(compactText(scanner));
      return `[${items.join(',')}]`;
    }
    case 'object': {
      scanner.open();
      const fields = new Map<string, string>();
      for (let isFirst = true; scanner.hasField(isFirst); isFirst = false) {
        const name = scanner.takeField();
        fields.set(name, compactText(scanner));
      }
      return `{${[...fields].map(([name, text]) => `${jsonString(name)}:${text}`).join(',')}}`;
    }
  }
}

/**
 * A number as Java's BigDecimal spells it: whole numbers as they are; a fraction plainly, save below 10^-6; with a positive
 * exponent as digit, point, digits, `E+n`.
 */
function numberText(text: string): string {
  if (!/[.eE]/.test(text)) return text === '-0' ? '0' : text;
  const match = /^(-?)(\d+)(?:\.(\d+))?(?:[eE]([+-]?\d+))?$/.exec(text);
  if (!match) return text;
  const [, sign = '', whole = '', fraction = '', exponent = '0'] = match;
  const scale = fraction.length - Number(exponent);
  const digits = `${whole}${fraction}`.replace(/^0+(?=\d)/, '');
  const adjusted = digits.length - 1 - scale;
  const isZero = digits === '0';
  const shownSign = isZero ? '' : sign;
  if (scale >= 0 && adjusted >= -6) return `${shownSign}${parseDecimal(`${whole}.${fraction}e${exponent}`).toString()}`;
  const mantissa = digits.length > 1 ? `${digits[0] ?? ''}.${digits.slice(1)}` : digits;
  return `${shownSign}${mantissa}E${adjusted >= 0 ? '+' : ''}${adjusted}`;
}
