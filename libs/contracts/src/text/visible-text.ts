/**
 * Signs that nobody sees and that change what others look like: control characters, half characters, signs that turn the direction of
 * writing, tags, signs without width, ends of lines and paragraphs, fillers of Hangul, signs that no standard has given a meaning. The two
 * joiners count where they stand between letters or pictures, as Persian, Indian scripts and families of people need them.
 */
const invisible =
  /[\p{Cc}\p{Cs}\p{Co}\p{Zl}\p{Zp}\u115f\u1160\u2800\u3164\uffa0]|(?![\u200c\u200d])\p{Cf}|(?<![\p{L}\p{M}\p{Extended_Pictographic}\p{Emoji_Modifier}])[\u200c\u200d]|[\u200c\u200d](?![\p{L}\p{M}\p{Extended_Pictographic}])/u;
const everyInvisible = new RegExp(invisible, 'gu');

/** Whether a text that people name things by shows all that is in it. */
export const isVisibleText = (text: string): boolean => !invisible.test(text);

/** What is wrong with a text that does not. */
export const visibleTextError = { error: 'must not hold control characters, half characters or invisible signs' };

/** The text with such signs as `\u202e`, so that it neither moves a cursor, colours a terminal nor looks like another. */
export const withInvisibleEscaped = (text: string): string => text.replace(everyInvisible, escaped);

const namedEscapes: Readonly<Record<string, string>> = { '\n': '\\n', '\r': '\\r', '\t': '\\t' };

const escaped = (sign: string): string => {
  const code = sign.codePointAt(0) ?? 0;
  return (
    namedEscapes[sign] ?? (code > 0xffff ? `\\u{${code.toString(16)}}` : `\\u${code.toString(16).padStart(4, '0')}`)
  );
};
