/**
 * LIKE: `%` is any run of characters, `_` one character (a whole code point), an escape character makes the next one plain. As
 * on the server, neither of them reaches over a line end.
 *
 * No regular expression: patterns come from users and records, and a backtracking engine takes exponential time for some.
 * Here a mismatch goes back to the last `%` only and lets it take one more character: at most text × pattern steps. (Going
 * back further is of no use: whatever an earlier `%` could take, the last one can.)
 */
/** Text × pattern: some tens of milliseconds. */
const WORK_MAX = 2 ** 26;

const ONE = -1;
const RUN = -2;

/** A pattern made ready. @throws Error when the pattern ends with its escape character */
export function likePattern(pattern: string, escape: string | undefined): (text: string) => boolean {
  const tokens: number[] = [];
  let isEscaped = false;
  for (let i = 0; i < pattern.length; i++) {
    const character = pattern[i];
    if (isEscaped) tokens.push(pattern.charCodeAt(i));
    else if (character === escape) {
      isEscaped = true;
      continue;
    } else if (character === '%') tokens.push(RUN);
    else tokens.push(character === '_' ? ONE : pattern.charCodeAt(i));
    isEscaped = false;
  }
  if (isEscaped) throw new Error('LIKE pattern must not end with escape character');
  return tokens.includes(RUN) || tokens.includes(ONE)
    ? (text) => {
        if (text.length * tokens.length > WORK_MAX)
          throw new Error(`a LIKE pattern of ${tokens.length} characters is too long for a text of ${text.length}`);
        return matches(text, tokens);
      }
    : isText(tokens.map((unit) => String.fromCharCode(unit)).join(''));
}

const isText =
  (plain: string) =>
  (text: string): boolean =>
    text === plain;

function matches(text: string, tokens: readonly number[]): boolean {
  let at = 0;
  let token = 0;
  // Where to go on when the last run takes one more character: the token behind it, and the end of the run.
  let behindRun = -1;
  let runEnd = 0;
  for (;;) {
    const wanted = tokens[token];
    if (wanted === undefined) {
      if (at === text.length) return true;
    } else if (wanted === RUN) {
      token++;
      behindRun = token;
      runEnd = at;
      continue;
    } else if (at < text.length) {
      const unit = text.charCodeAt(at);
      if (wanted === ONE ? !isLineEnd(unit) : wanted === unit) {
        at += wanted === ONE ? width(text, at) : 1;
        token++;
        continue;
      }
    }
    if (behindRun < 0 || runEnd >= text.length || isLineEnd(text.charCodeAt(runEnd))) return false;
    runEnd += width(text, runEnd);
    at = runEnd;
    token = behindRun;
  }
}

function isLineEnd(unit: number): boolean {
  return unit === 0x0a || unit === 0x0d || unit === 0x85 || unit === 0x2028 || unit === 0x2029;
}

/** Units of the code point at a place: 2 for a surrogate pair. */
function width(text: string, at: number): number {
  const unit = text.charCodeAt(at);
  if (unit < 0xd800 || unit > 0xdbff) return 1;
  const next = text.charCodeAt(at + 1);
  return next >= 0xdc00 && next <= 0xdfff ? 2 : 1;
}

/** Matches texts with patterns that come from the records; the last pattern is kept, since it is mostly the same. */
export function likeMatcher(escape: string | undefined): (text: string, pattern: string) => boolean {
  let lastPattern: string | undefined;
  let isLike: ((text: string) => boolean) | undefined;
  return (text, pattern) => {
    if (isLike === undefined || pattern !== lastPattern) {
      isLike = likePattern(pattern, escape);
      lastPattern = pattern;
    }
    return isLike(text);
  };
}
