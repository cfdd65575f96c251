import { arrayType, STRING } from '../../../types/sql-type.js';
import { memoizeLast } from '../../memoize-last.js';
import { JavaRegex } from '../../regex/java-regex.js';
import { param, scalarFunction } from '../../signature.js';

/** An expression that matches nothing at all splits as Java's `Pattern.split` does: empty parts at the end are dropped. */
function splitByEmpty(text: string, regex: JavaRegex): string[] {
  const parts: string[] = [];
  let from = 0;
  for (const match of regex.all(text)) {
    if (match.end === 0) continue;
    parts.push(text.slice(from, match.start));
    from = match.end;
  }
  if (from === 0) return [text];
  parts.push(text.slice(from));
  return parts.slice(0, parts.findLastIndex((part) => part !== '') + 1);
}

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
      bind: (_, context) => {
        const splitterOf = memoizeLast(context, (pattern) => {
          const regex = new JavaRegex(pattern, context);
          const split = regex.first('') === undefined ? splitBy : splitByEmpty;
          return (text: string): string[] => split(text, regex);
        });
        return ([text, pattern]) => splitterOf(pattern as string)(text as string);
      },
    },
  ],
);
