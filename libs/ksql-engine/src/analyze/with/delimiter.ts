import { KsqlError } from '../../errors/sql-error.js';

const WORDS: ReadonlyMap<string, string> = new Map([
  ['TAB', '\t'],
  ['SPACE', ' '],
]);

/** The character that KEY_DELIMITER or VALUE_DELIMITER names: itself, or the words TAB and SPACE. */
export function readDelimiter(property: string, text: string): string {
  const word = WORDS.get(text.toUpperCase());
  if (word !== undefined) return word;
  const invalid = (reason: string): KsqlError =>
    new KsqlError(`Configuration ${property} is invalid: ${reason}\nExample valid value: ';'`);
  if (text.trim() === '') {
    throw invalid(
      "Delimiter cannot be empty, if you meant to have a tab or space for delimiter, please use the special values 'TAB' or 'SPACE'",
    );
  }
  if ([...text].length !== 1) {
    throw invalid(`Invalid delimiter value: '${text}'. Delimiter must be a single character or TAB,SPACE`);
  }
  return text;
}
