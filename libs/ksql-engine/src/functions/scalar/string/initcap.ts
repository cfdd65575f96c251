import { STRING } from '../../../types/sql-type.js';
import { param, scalarFunction, unary } from '../../signature.js';

/** Words end at whitespace, to which Java does not count the no-break spaces; whatever separates them is kept. */
const WORD_START = /(^|[^\S\u00a0\u2007\u202f\ufeff])(\S)/gu;

function capitalize(input: string): string {
  return input.toLowerCase().replace(WORD_START, (_, gap: string, first: string) => gap + first.toUpperCase());
}

export const initcap = scalarFunction(
  'INITCAP',
  'STRING',
  'The text with the first letter of each word in upper case and the others in lower case.',
  [unary(param('str', STRING), STRING, capitalize)],
);
