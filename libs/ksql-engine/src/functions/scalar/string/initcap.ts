import { STRING } from '../../../types/sql-type.js';
import { param, scalarFunction, unary } from '../../signature.js';

/** Words end at whitespace; whatever separates them is kept. */
function capitalize(input: string): string {
  return input.toLowerCase().replace(/(^|\s)(\S)/gu, (_, gap: string, first: string) => gap + first.toUpperCase());
}

export const initcap = scalarFunction(
  'INITCAP',
  'STRING',
  'The text with the first letter of each word in upper case and the others in lower case.',
  [unary(param('str', STRING), STRING, capitalize)],
);
