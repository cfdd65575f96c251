import { WORD_RANK } from './keywords.js';
import type { Token, TokenKind } from './token.js';

/*
 * identifier            [A-Za-z_][A-Za-z0-9_@]*
 * digit identifier      [0-9][A-Za-z0-9_@]+      (when it is longer than a number at the same place)
 * quoted identifiers    `…` and "…", the quote doubled inside
 * string                '…', the quote doubled inside
 * variable              ${identifier}
 * integer               [0-9]+
 * decimal               [0-9]+ . [0-9]*  |  . [0-9]+
 * double                either of them with an exponent
 * comments              -- to the end of the line, slash-star to star-slash
 *
 * A character that begins none of them, an opening quote without its partner included, is an `unrecognized` token: the
 * parser then says where it stands.
 */
const WORD = /[A-Za-z_][A-Za-z0-9_@]*/y;
const DIGIT_WORD = /[0-9][A-Za-z0-9_@]+/y;
const NUMBER = /(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][+-]?[0-9]+)?/y;
const VARIABLE = /\$\{[A-Za-z_][A-Za-z0-9_@]*\}/y;
const BLANK = /[ \t\r\n]+/y;
const LINE_COMMENT = /--[^\r\n]*/y;
const SYMBOL = /<>|!=|<=|>=|\|\||:=|->|=>|[-<>=+*/%()[\],.;:]/y;

const QUOTED: Readonly<Record<string, TokenKind>> = {
  "'": 'string',
  '`': 'backquotedIdentifier',
  '"': 'quotedIdentifier',
};

/** The end of a quoted token that starts at `start`, or -1 when its closing quote is missing. */
function endOfQuoted(text: string, start: number, quote: string): number {
  let at = start + 1;
  for (;;) {
    const close = text.indexOf(quote, at);
    if (close < 0) return -1;
    if (text[close + 1] !== quote) return close + 1;
    at = close + 2;
  }
}

/**
 * Cuts SQL text into tokens; the last one is always of kind `end`, unless there are more than `tokensMax`: then it stops there. Never
 * throws. Takes time linear in the text.
 */
export function tokenize(text: string, tokensMax = Infinity): readonly Token[] {
  const tokens: Token[] = [];
  /** Openings that were seen to have no end; looking again for each of them would take quadratic time. */
  const unclosed = new Set<string>();
  let offset = 0;
  let line = 1;
  let lineStart = 0;
  let nextFeed = text.indexOf('\n');

  const match = (pattern: RegExp): number => {
    pattern.lastIndex = offset;
    return pattern.test(text) ? pattern.lastIndex : -1;
  };
  /** Moves on to `end`, counting the lines in between. */
  const advance = (end: number): void => {
    while (nextFeed >= 0 && nextFeed < end) {
      line++;
      lineStart = nextFeed + 1;
      nextFeed = text.indexOf('\n', lineStart);
    }
    offset = end;
  };
  const push = (kind: TokenKind, end: number, word = ''): void => {
    const token = { kind, text: text.slice(offset, end), word, offset, end, line, column: offset - lineStart };
    tokens.push(token);
    advance(end);
  };

  while (offset < text.length && tokens.length <= tokensMax) {
    const first = text.charCodeAt(offset);
    const char = text[offset] ?? '';
    if (first <= 32) {
      const end = match(BLANK);
      if (end > 0) advance(end);
      else push('unrecognized', offset + 1);
      continue;
    }
    if ((first >= 65 && first <= 90) || (first >= 97 && first <= 122) || first === 95) {
      const end = match(WORD);
      const word = text.slice(offset, end).toUpperCase();
      if (WORD_RANK.has(word)) push('keyword', end, word);
      else push('identifier', end);
      continue;
    }
    const second = text[offset + 1];
    if ((first >= 48 && first <= 57) || (char === '.' && second !== undefined && second >= '0' && second <= '9')) {
      const end = match(NUMBER);
      const wordEnd = match(DIGIT_WORD);
      if (wordEnd > end) push('digitIdentifier', wordEnd);
      else {
        const number = text.slice(offset, end);
        push(/[eE]/.test(number) ? 'double' : number.includes('.') ? 'decimal' : 'integer', end);
      }
      continue;
    }
    const quoted = QUOTED[char];
    if (quoted !== undefined) {
      const end = unclosed.has(char) ? -1 : endOfQuoted(text, offset, char);
      if (end > 0) push(quoted, end);
      else {
        unclosed.add(char);
        push('unrecognized', offset + 1);
      }
      continue;
    }
    if (char === '-' && second === '-') {
      advance(match(LINE_COMMENT));
      continue;
    }
    if (char === '/' && second === '*') {
      const close = unclosed.has('/*') ? -1 : text.indexOf('*/', offset + 2);
      if (close >= 0) {
        advance(close + 2);
        continue;
      }
      unclosed.add('/*');
    }
    if (char === '$') {
      const end = match(VARIABLE);
      if (end > 0) {
        push('variable', end);
        continue;
      }
    }
    const end = match(SYMBOL);
    if (end > 0) push('symbol', end, text.slice(offset, end));
    else push('unrecognized', offset + 1);
  }
  tokens.push({
    kind: 'end',
    text: '<EOF>',
    word: '<EOF>',
    offset: text.length,
    end: text.length,
    line,
    column: text.length - lineStart,
  });
  return tokens;
}
