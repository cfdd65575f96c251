import { STRING } from '../../../types/sql-type.js';
import { memoizeLast } from '../../memoize-last.js';
import { JavaRegex, type RegexMatch } from '../../regex/java-regex.js';
import { param, scalarFunction } from '../../signature.js';
import { checkTextLength } from '../../text-limit.js';

/** `$1`, `${name}`, and a backslash before what means itself. */
function expand(replacement: string, match: RegexMatch, regex: JavaRegex): string {
  return replacement.replace(
    /\\([\s\S])|\$\{([a-zA-Z][a-zA-Z0-9]*)\}|\$(\d+)|\$|\\/g,
    (all, literal?: string, name?: string, digits?: string) => {
      if (literal !== undefined) return literal;
      if (name !== undefined) {
        const group = regex.groupNumber(name);
        if (group === undefined) throw new Error(`the replacement names the group ${name}, which does not exist`);
        return match.groups[group] ?? '';
      }
      if (digits === undefined) throw new Error(`the replacement has a bare ${all}: write \\${all} for the character`);
      // As many digits as name a group; the others are text.
      let length = 1;
      while (length < digits.length && Number(digits.slice(0, length + 1)) <= regex.groupCount) length++;
      const group = Number(digits.slice(0, length));
      if (group > regex.groupCount) throw new Error(`the replacement names the group ${group}, which does not exist`);
      return (match.groups[group] ?? '') + digits.slice(length);
    },
  );
}

function replaceAll(text: string, regex: JavaRegex, replacement: string): string {
  let replaced = '';
  let from = 0;
  for (const match of regex.all(text)) {
    replaced += text.slice(from, match.start) + expand(replacement, match, regex);
    checkTextLength(replaced.length, 'a text after REGEXP_REPLACE');
    from = match.end;
  }
  return replaced + text.slice(from);
}

export const regexpReplace = scalarFunction(
  'REGEXP_REPLACE',
  'REGULAR EXPRESSION',
  'The text with every match of a regular expression replaced; $1 stands for the first group.',
  [
    {
      parameters: [param('str', STRING), param('regexp', STRING), param('newStr', STRING)],
      returns: STRING,
      bind: (_, context) => {
        const regexOf = memoizeLast(context, (pattern) => new JavaRegex(pattern, context));
        return ([text, pattern, replacement]) =>
          replaceAll(text as string, regexOf(pattern as string), replacement as string);
      },
    },
  ],
);
