import { STRING } from '../../../types/sql-type.js';
import { param, scalarFunction, unary } from '../../signature.js';

/** Java's trim: everything up to U+0020 goes, a no-break space stays. */
function trimControls(input: string): string {
  let start = 0;
  let end = input.length;
  while (start < end && input.charCodeAt(start) <= 0x20) start++;
  while (end > start && input.charCodeAt(end - 1) <= 0x20) end--;
  return input.slice(start, end);
}

export const trim = scalarFunction('TRIM', 'STRING', 'The text without blanks at its start and end.', [
  unary(param('input', STRING), STRING, trimControls),
]);
