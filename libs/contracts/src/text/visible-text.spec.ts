import { describe, expect, it } from '@jest/globals';
import { isVisibleText, withInvisibleEscaped } from './visible-text.js';

describe('text that shows all that is in it', () => {
  it.each([
    ['accents', 'Zoë Müller-Łukasz'],
    ['an apostrophe', "Coeur d'Alene"],
    ['right to left', 'אבגד'],
    ['Persian with a joiner that is not one', 'می\u200cخواهم'],
    ['Sinhala with a joiner', 'ශ්\u200dරී'],
    ['a family', '👨\u200d👩\u200d👧'],
    ['a skin and a joiner', '👩🏽\u200d🚀'],
    ['a mark that combines', 'e\u0301'],
    ['Hangul', '서울'],
  ])('%s', (_what, text) => {
    expect(isVisibleText(text)).toBe(true);
    expect(withInvisibleEscaped(text)).toBe(text);
  });

  it.each([
    ['NUL', 'a\u0000b', 'a\\u0000b'],
    ['an end of line', 'a\nb', 'a\\nb'],
    ['an escape sequence', '\u001b[31mred', '\\u001b[31mred'],
    ['a control character of eight bits', 'a\u009bb', 'a\\u009bb'],
    ['right-to-left override', '\u202eevil', '\\u202eevil'],
    ['an isolate', 'a\u2066b\u2069', 'a\\u2066b\\u2069'],
    ['the mark of Arabic letters', 'a\u061cb', 'a\\u061cb'],
    ['a space without width', 'ad\u200bmin', 'ad\\u200bmin'],
    ['a byte order mark', '\ufeffa', '\\ufeffa'],
    ['a soft hyphen', 'ad\u00admin', 'ad\\u00admin'],
    ['a joiner before a space', 'a\u200d b', 'a\\u200d b'],
    ['a joiner at the end', 'admin\u200d', 'admin\\u200d'],
    ['a joiner at the beginning', '\u200cadmin', '\\u200cadmin'],
    ['a tag', 'a\u{e0041}b', 'a\\u{e0041}b'],
    ['a filler', 'a\u3164', 'a\\u3164'],
    ['half a character', 'a\ud83d', 'a\\ud83d'],
    ['a line separator', 'a\u2028b', 'a\\u2028b'],
    ['a sign of private use', 'a\ue000', 'a\\ue000'],
  ])('not %s', (_what, text, shown) => {
    expect(isVisibleText(text)).toBe(false);
    expect(withInvisibleEscaped(text)).toBe(shown);
  });
});
