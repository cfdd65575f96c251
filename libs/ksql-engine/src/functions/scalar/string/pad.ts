import { BYTES, INTEGER, STRING } from '../../../types/sql-type.js';
import type { ScalarFunction } from '../../function.js';
import { param, scalarFunction, ternary } from '../../signature.js';
import { checkTextLength } from '../../text-limit.js';

function padText(text: string, length: number, padding: string, side: 'left' | 'right'): string | null {
  if (padding === '' || length < 0) return null;
  checkTextLength(length, 'a padded text');
  if (text.length >= length) return text.slice(0, length);
  return side === 'left' ? text.padStart(length, padding) : text.padEnd(length, padding);
}

function padBytes(bytes: Uint8Array, length: number, padding: Uint8Array, side: 'left' | 'right'): Uint8Array | null {
  if (padding.length === 0 || length < 0) return null;
  checkTextLength(length, 'a padded byte string');
  if (bytes.length >= length) return bytes.slice(0, length);
  const fill = length - bytes.length;
  const padded = new Uint8Array(length);
  padded.set(bytes, side === 'left' ? fill : 0);
  const from = side === 'left' ? 0 : bytes.length;
  for (let i = 0; i < fill; i++) padded[from + i] = padding[i % padding.length] as number;
  return padded;
}

export function padFunction(name: string, side: 'left' | 'right', description: string): ScalarFunction {
  const length = param('targetLen', INTEGER);
  return scalarFunction(name, 'STRING', description, [
    ternary([param('input', STRING), length, param('padding', STRING)], STRING, (a: string, n: number, b: string) =>
      padText(a, n, b, side),
    ),
    ternary(
      [param('input', BYTES), length, param('padding', BYTES)],
      BYTES,
      (a: Uint8Array, n: number, b: Uint8Array) => padBytes(a, n, b, side),
    ),
  ]);
}
