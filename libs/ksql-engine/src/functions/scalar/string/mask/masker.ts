import { INTEGER, STRING } from '../../../../types/sql-type.js';
import type { Parameter, ScalarArgument, ScalarFunction } from '../../../function.js';
import { binary, param, scalarFunction } from '../../../signature.js';

const UPPER = /^\p{Uppercase}$/u;
const LOWER = /^\p{Lowercase}$/u;
const DIGIT = /^\p{Nd}$/u;

/** Characters that stand for a class each; null leaves the class as it is. */
export interface Masks {
  readonly upper: string | null;
  readonly lower: string | null;
  readonly digit: string | null;
  readonly other: string | null;
}

export const DEFAULT_MASKS: Masks = { upper: 'X', lower: 'x', digit: 'n', other: '-' };

/** The text with the UTF-16 units from `from` up to `to` masked. */
export function maskRange(text: string, from: number, to: number, masks: Masks): string {
  let masked = text.slice(0, from);
  for (let i = from; i < to; i++) {
    const unit = text[i] as string;
    const mask = UPPER.test(unit)
      ? masks.upper
      : LOWER.test(unit)
        ? masks.lower
        : DIGIT.test(unit)
          ? masks.digit
          : masks.other;
    masked += mask ?? unit;
  }
  return masked + text.slice(to);
}

function single(mask: ScalarArgument | undefined): string | null {
  if (mask === null) return null;
  if (typeof mask !== 'string' || mask.length !== 1) {
    throw new Error(`a mask is one character, got '${String(mask)}'`);
  }
  return mask;
}

/** The four masks that end the argument list. */
export function masksOf(args: readonly ScalarArgument[], at: number): Masks {
  return {
    upper: single(args[at]),
    lower: single(args[at + 1]),
    digit: single(args[at + 2]),
    other: single(args[at + 3]),
  };
}

export const MASK_PARAMETERS: readonly Parameter[] = [
  param('upper-case mask, or NULL to use default', STRING),
  param('lower-case mask, or NULL to use default', STRING),
  param('digit mask, or NULL to use default', STRING),
  param('mask for other characters, or NULL to use default', STRING),
];

export const MASKED_INPUT = param('input STRING to be masked', STRING);

/** The four siblings that count characters; `range` says which part is masked for a text of `size` units. */
export function partialMask(
  name: string,
  description: string,
  countName: string,
  range: (size: number, count: number) => readonly [from: number, to: number],
): ScalarFunction {
  const count = param(countName, INTEGER);
  const apply = (text: ScalarArgument, n: ScalarArgument, masks: Masks) => {
    if (typeof n !== 'number' || n < 0) {
      throw new Error(`${name} needs a number of characters that is 0 or more, got ${String(n)}`);
    }
    if (typeof text !== 'string') return null;
    const [from, to] = range(text.length, Math.min(n, text.length));
    return maskRange(text, from, to, masks);
  };
  return scalarFunction(name, 'STRING', description, [
    {
      parameters: [MASKED_INPUT, count, ...MASK_PARAMETERS],
      returns: STRING,
      nullOnNull: false,
      bind: () => (args) => apply(args[0] as ScalarArgument, args[1] as ScalarArgument, masksOf(args, 2)),
    },
    binary([MASKED_INPUT, count], STRING, (text, n) => apply(text, n, DEFAULT_MASKS), { nullOnNull: false }),
  ]);
}
