import { NON_RESERVED_WORDS } from './keywords.js';

export type TokenKind =
  | 'identifier'
  | 'digitIdentifier'
  | 'backquotedIdentifier'
  | 'quotedIdentifier'
  | 'variable'
  | 'string'
  | 'integer'
  | 'decimal'
  | 'double'
  | 'keyword'
  | 'symbol'
  | 'unrecognized'
  | 'end';

/** One word of the text. `line` counts from 1, `column` from 0; `end` is the offset after the last character. */
export interface Token {
  readonly kind: TokenKind;
  /** As written, quotes included. */
  readonly text: string;
  /** The upper-cased keyword or the symbol; empty for all other kinds. Comparing it is how the parser looks at a token. */
  readonly word: string;
  readonly offset: number;
  readonly end: number;
  readonly line: number;
  readonly column: number;
}

/** Whether the token can stand where a name is wanted. */
export function isIdentifier(token: Token): boolean {
  switch (token.kind) {
    case 'identifier':
    case 'digitIdentifier':
    case 'backquotedIdentifier':
    case 'quotedIdentifier':
    case 'variable':
      return true;
    case 'keyword':
      return NON_RESERVED_WORDS.has(token.word);
    default:
      return false;
  }
}

/** The name an identifier token stands for: upper-cased unless quoted, doubled quotes undone. */
export function identifierName(token: Token): string {
  switch (token.kind) {
    case 'backquotedIdentifier':
      return token.text.slice(1, -1).replaceAll('``', '`');
    case 'quotedIdentifier':
      return token.text.slice(1, -1).replaceAll('""', '"');
    default:
      return token.text.toUpperCase();
  }
}

/** The characters of a string token: without the quotes, `''` as one quote. */
export function stringValue(token: Token): string {
  return token.text.slice(1, -1).replaceAll("''", "'");
}
