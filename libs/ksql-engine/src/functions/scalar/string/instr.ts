import { INTEGER, STRING } from '../../../types/sql-type.js';
import type { ScalarArgument } from '../../function.js';
import { param, scalarFunction } from '../../signature.js';

/**
 * 1-based place of the `occurrence`-th match at or after `position`; a negative position searches backwards from the end. Of an
 * empty part the first place counts, however many occurrences are asked for.
 */
function find(text: string, part: string, position: number, occurrence: number): number {
  if (occurrence <= 0 || position === 0 || text === '' || position > text.length || -position > text.length) return 0;
  if (part === '') return position > 0 ? position : text.length + position + 2;
  let at = position > 0 ? position - 2 : text.length + position + 1;
  for (let n = 0; n < occurrence; n++) {
    if (position > 0) at = text.indexOf(part, at + 1);
    else at = at > 0 ? text.lastIndexOf(part, at - 1) : -1;
    if (at < 0) return 0;
  }
  return at + 1;
}

/** In a NULL text, or of a NULL part, nothing is found; a position or an occurrence must be a number. */
function findNullable(args: readonly ScalarArgument[]): number {
  const [text, part, position = 1, occurrence = 1] = args;
  if (position === null || occurrence === null)
    throw new Error('INSTR needs a number as position and occurrence, got NULL');
  if (text === null || part === null) return 0;
  return find(text as string, part as string, position as number, occurrence as number);
}

const parameters = [
  param('str', STRING),
  param('substring', STRING),
  param('position', INTEGER),
  param('occurrence', INTEGER),
];

export const instr = scalarFunction(
  'INSTR',
  'STRING',
  'The 1-based position of a text within another one, or 0. A negative start position searches backwards.',
  [2, 4, 3].map((count) => ({
    parameters: parameters.slice(0, count),
    returns: INTEGER,
    nullOnNull: false,
    bind: () => findNullable,
  })),
);
