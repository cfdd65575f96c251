import { shortened } from './shortened.js';
/**
 * DOUBLE as text, spelled as Java's `Double.toString`: plain with at least one fraction digit for magnitudes from 10^-3
 * up to 10^7, otherwise one digit, point, at least one digit, `E`, exponent: `1.0`, `1.0E10`, `1.0E-5`. The digits are the
 * shortest that read back as the same double.
 */
export function doubleToText(value: number): string {
  if (Number.isNaN(value)) return 'NaN';
  if (!Number.isFinite(value)) return value > 0 ? 'Infinity' : '-Infinity';
  if (value === 0) return Object.is(value, -0) ? '-0.0' : '0.0';
  const magnitude = Math.abs(value);
  if (magnitude >= 1e-3 && magnitude < 1e7) {
    const plain = String(value);
    return plain.includes('.') ? plain : `${plain}.0`;
  }
  const shortest = value.toExponential();
  // Java writes two digits at least, and of those that read back the closest ones: 4.9E-324, not 5.0E-324.
  const [mantissa = '', exponent = '0'] = (shortest.includes('.') ? shortest : value.toExponential(1)).split('e');
  return `${mantissa.includes('.') ? mantissa : `${mantissa}.0`}E${Number(exponent)}`;
}

const DOUBLE_TEXT = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?[fFdD]?$/;

/**
 * Reads what Java's `Double.parseDouble` reads, save hexadecimal floats: blanks around, an optional type suffix (`1d`), and
 * the words NaN and Infinity. @throws Error when the text is no number
 */
export function parseDouble(text: string): number {
  const trimmed = text.replace(/^[\0- ]+|[\0- ]+$/g, '');
  if (DOUBLE_TEXT.test(trimmed)) return Number(trimmed.replace(/[fFdD]$/, ''));
  const word = /^([+-]?)(NaN|Infinity)$/.exec(trimmed);
  if (word) return word[2] === 'NaN' ? NaN : word[1] === '-' ? -Infinity : Infinity;
  throw new Error(trimmed === '' ? 'empty String' : `For input string: "${shortened(text)}"`);
}
