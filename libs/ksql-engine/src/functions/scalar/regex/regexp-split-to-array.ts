import { arrayType, STRING } from '../../../types/sql-type.js';
import { memoizeLast } from '../../memoize-last.js';
import { JavaRegex } from '../../regex/java-regex.js';
import { param, scalarFunction } from '../../signature.js';

/** Empty matches split between characters, but not at the ends. */
function splitBy(text: string, regex: JavaRegex): string[] {
  const parts: string[] = [];
  let from = 0;
  for (const match of regex.all(text)) {
    const isEmpty = match.start === match.end;
    if (isEmpty && (match.start === from || match.start === text.length)) continue;
    parts.push(text.slice(from, match.start));
    from = match.end;
  }
  parts.push(text.slice(from));
  return parts;
}

export const regexpSplitToArray = scalarFunction(
  'REGEXP_SPLIT_TO_ARRAY',
  'REGULAR EXPRESSION',
  'The parts of a text between the matches of a regular expression.',
  [
    {
      parameters: [param('string', STRING), param('regexp', STRING)],
      returns: arrayType(STRING),
      bind: () => {
        const regexOf = memoizeLast((pattern) => new JavaRegex(pattern));
        return ([text, pattern]) => splitBy(text as string, regexOf(pattern as string));
      },
    },
  ],
);
