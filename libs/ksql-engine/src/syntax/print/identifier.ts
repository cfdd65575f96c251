import { quoteIdentifier } from '../../types/format-type.js';
import { RESERVED_WORDS } from '../keywords.js';

/** A name as SQL; back-quoted only where it could not be read back otherwise. */
export function printIdentifier(name: string): string {
  const isPlain = /^[A-Z0-9_][A-Z0-9_@]*$/.test(name) && !/^[0-9]+(?:E[0-9]+)?$/.test(name);
  return isPlain && !RESERVED_WORDS.has(name) ? name : quoteIdentifier(name);
}

/** Text as a string literal. */
export function printString(text: string): string {
  return `'${text.replaceAll("'", "''")}'`;
}
