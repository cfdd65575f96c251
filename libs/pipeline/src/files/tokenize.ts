import { SqlFileError } from './sql-file-error.js';

export interface SqlToken {
  /** `word`: bare name, keyword or number; `name`: quoted name, its text unquoted; `string`: literal, unquoted. */
  readonly kind: 'word' | 'name' | 'string' | 'symbol';
  readonly text: string;
  /** Position of the first character, counted from 1. */
  readonly line: number;
  readonly column: number;
}

// comment | block comment | 'string' | `name` or "name" | word | any other character
const pattern = /\s+|--[^\n]*|\/\*[\s\S]*?\*\/|'(?:[^']|'')*'|`(?:[^`]|``)*`|"(?:[^"]|"")*"|[\p{L}\p{N}_@]+|[\s\S]/uy;
const kinds: Readonly<Record<string, SqlToken['kind']>> = { "'": 'string', '`': 'name', '"': 'name' };

/** Splits SQL into tokens without comments; knows quotes, so that a FROM inside a text is no FROM. */
export function tokenize(file: string, sql: string): SqlToken[] {
  const tokens: SqlToken[] = [];
  let line = 1;
  let lineStart = 0;
  pattern.lastIndex = 0;
  for (let match = pattern.exec(sql); match !== null; match = pattern.exec(sql)) {
    const [text] = match;
    const place = { line, column: match.index - lineStart + 1 };
    const lineFeeds = text.split('\n').length - 1;
    if (lineFeeds > 0) {
      line += lineFeeds;
      lineStart = match.index + text.lastIndexOf('\n') + 1;
    }
    if (/^\s|^--|^\/\*./.test(text)) continue;
    const quote = text.charAt(0);
    const kind = kinds[quote];
    if (kind !== undefined) {
      if (text.length < 2) throw new SqlFileError(file, place, `the quote ${quote} is never closed`);
      tokens.push({ kind, text: text.slice(1, -1).replaceAll(quote + quote, quote), ...place });
    } else {
      if (text === '/' && sql.startsWith('/*', match.index)) {
        throw new SqlFileError(file, place, 'the comment is never closed');
      }
      tokens.push({ kind: /^[\p{L}\p{N}_@]/u.test(text) ? 'word' : 'symbol', text, ...place });
    }
  }
  return tokens;
}
