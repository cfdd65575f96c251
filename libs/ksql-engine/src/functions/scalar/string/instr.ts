import { INTEGER, STRING } from '../../../types/sql-type.js';
import type { ScalarArgument } from '../../function.js';
import { binary, param, scalarFunction, ternary } from '../../signature.js';

/** 1-based place of the `occurrence`-th match at or after `position`; a negative position searches backwards from the end. */
function find(text: string, part: string, position: number, occurrence: number): number {
  if (occurrence <= 0 || position === 0 || text === '') return 0;
  if (position > 0) {
    if (position > text.length) return 0;
    let at = position - 2;
    for (let n = 0; n < occurrence; n++) {
      if (part === '' && n > 0) break;
      at = text.indexOf(part, at + 1);
      if (at < 0) return 0;
    }
    return at + 1;
  }
  let at = text.length + position + 1;
  for (let n = 0; n < occurrence; n++) {
    if (at <= 0) return 0;
    if (part === '' && n > 0) break;
    at = text.lastIndexOf(part, at - 1);
    if (at < 0) return 0;
  }
  return at + 1;
}

const text = param('str', STRING);
const part = param('substring', STRING);

export const instr = scalarFunction(
  'INSTR',
  'STRING',
  'The 1-based position of a text within another one, or 0. A negative start position searches backwards.',
  [
    binary([text, part], INTEGER, (a: string, b: string) => find(a, b, 1, 1)),
    {
      parameters: [text, part, param('position', INTEGER), param('occurrence', INTEGER)],
      returns: INTEGER,
      bind:
        () =>
        ([a, b, position, occurrence]: readonly ScalarArgument[]) =>
          find(a as string, b as string, position as number, occurrence as number),
    },
    ternary([text, part, param('position', INTEGER)], INTEGER, (a: string, b: string, position: number) =>
      find(a, b, position, 1),
    ),
  ],
);
