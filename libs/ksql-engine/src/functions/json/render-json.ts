import { parseDecimal } from '../../types/decimal-math.js';
import type { JsonNode } from './json-node.js';

/** The compact text of a JSON value: integers without a redundant sign, fractions with their digits but without exponent. */
export function renderJson(node: JsonNode): string {
  switch (node.kind) {
    case 'object':
      return `{${[...node.fields].map(([name, value]) => `${quoteJson(name)}:${renderJson(value)}`).join(',')}}`;
    case 'array':
      return `[${node.items.map(renderJson).join(',')}]`;
    case 'string':
      return quoteJson(node.value);
    case 'number':
      return plainNumber(node.text, node.isInteger);
    case 'boolean':
      return String(node.value);
    case 'null':
      return 'null';
  }
}

/** What a function returns for a JSON value: strings without quotes, containers as JSON. */
export function jsonText(node: JsonNode): string {
  if (node.kind === 'string') return node.value;
  if (node.kind === 'number' && !node.isInteger) return scientificNumber(node.text);
  return renderJson(node);
}

/** A text as JSON string. Control characters are escaped, others are kept. */
export function quoteJson(text: string): string {
  return JSON.stringify(text);
}

function plainNumber(text: string, isInteger: boolean): string {
  if (text === '-0') return '0';
  return isInteger || !/[eE]/.test(text) ? text : parseDecimal(text).toString();
}

/**
 * As Java's BigDecimal prints: plain, unless the exponent is positive or the number is tiny; then one digit before the point
 * and a signed exponent.
 */
function scientificNumber(text: string): string {
  const match = /^(-?)(\d+)(?:\.(\d+))?(?:[eE]([+-]?\d+))?$/.exec(text);
  if (!match) return text;
  const [, sign = '', whole = '', fraction = '', exponent = '0'] = match;
  const digits = (whole + fraction).replace(/^0+(?=\d)/, '');
  const scale = fraction.length - Number(exponent);
  const adjusted = digits.length - 1 - scale;
  if (scale >= 0 && adjusted >= -6) {
    const padded = digits.padStart(scale + 1, '0');
    const point = padded.length - scale;
    return `${sign}${padded.slice(0, point)}${scale > 0 ? `.${padded.slice(point)}` : ''}`;
  }
  const mantissa = digits.length > 1 ? `${digits[0]}.${digits.slice(1)}` : digits;
  return `${sign}${mantissa}E${adjusted >= 0 ? '+' : ''}${adjusted}`;
}
