/**
 * LIKE as a regular expression: `%` is any run of characters, `_` one character (a whole code point), an escape character makes
 * the next one plain. As the server's, neither of them reaches over a line end.
 */
const IN_LINE = '[^\\n\\r\\u0085\\u2028\\u2029]';
const SPECIAL = /[\\^$.*+?()[\]{}|/]/;

/** @throws Error when the pattern ends with its escape character */
export function likePattern(pattern: string, escape: string | undefined): RegExp {
  let source = '';
  let isEscaped = false;
  for (const character of pattern) {
    if (!isEscaped && character === escape) {
      isEscaped = true;
      continue;
    }
    if (!isEscaped && character === '%') source += `${IN_LINE}*`;
    else if (!isEscaped && character === '_') source += IN_LINE;
    else source += SPECIAL.test(character) ? `\\${character}` : character;
    isEscaped = false;
  }
  if (isEscaped) throw new Error('LIKE pattern must not end with escape character');
  return new RegExp(`^${source}$`, 'u');
}

/** Matches texts with patterns that come from the records; the last pattern is kept, since it is mostly the same. */
export function likeMatcher(escape: string | undefined): (text: string, pattern: string) => boolean {
  let lastPattern: string | undefined;
  let regExp: RegExp | undefined;
  return (text, pattern) => {
    if (regExp === undefined || pattern !== lastPattern) {
      regExp = likePattern(pattern, escape);
      lastPattern = pattern;
    }
    return regExp.test(text);
  };
}
