import { createHash } from 'node:crypto';
import { SqlFileError } from './sql-file-error.js';
import { directivesOf, type Directives } from './directives.js';
import { tokenize, type SqlToken } from './tokenize.js';

/** Both counted from 1. */
export interface Place {
  readonly line: number;
  readonly column: number;
}

/** One stream or table of the pipeline, as its file declares it. */
export interface PipelineObject {
  /** Path of the file relative to the pipeline's folder, with forward slashes. */
  readonly file: string;
  readonly sql: string;
  readonly kind: 'STREAM' | 'TABLE';
  /** Upper case, unless the file quotes it. */
  readonly name: string;
  /** Names after FROM and JOIN; empty for an object that is declared over a topic. */
  readonly sources: readonly string[];
  /** True when the object is the result of a query (CREATE … AS SELECT). */
  readonly isQuery: boolean;
  readonly topic: string;
  /** Equal for texts that differ in comments, white space and the case of bare words only. */
  readonly textHash: string;
  /** Where its name stands, and where each of `sources` is first named. */
  readonly place: Place;
  readonly sourcePlaces: ReadonlyMap<string, Place>;
  readonly directives: Directives;
}

/**
 * Reads the object of one file.
 *
 * @throws SqlFileError when the file holds anything but one CREATE STREAM or CREATE TABLE
 */
export function parsePipelineObject(file: string, sql: string): PipelineObject {
  const tokens = tokenize(file, sql);
  const reader = new TokenReader(file, tokens);
  reader.expect('CREATE');
  if (reader.take('OR')) reader.expect('REPLACE');
  reader.take('SOURCE');
  const kind = reader.take('STREAM') ? 'STREAM' : reader.take('TABLE') ? 'TABLE' : undefined;
  if (kind === undefined)
    throw reader.error('expected STREAM or TABLE: a file holds one CREATE STREAM or CREATE TABLE');
  if (reader.take('IF')) {
    reader.expect('NOT');
    reader.expect('EXISTS');
  }
  const place = reader.place;
  const name = reader.name();
  const end = tokens.findIndex((token) => token.kind === 'symbol' && token.text === ';');
  const last = tokens.at(-1);
  if (end === -1) throw new SqlFileError(file, last, 'the statement does not end with a semicolon');
  const extra = tokens[end + 1];
  if (extra) throw new SqlFileError(file, extra, 'a second statement: one object per file');

  const body = tokens.slice(0, end);
  const sourcePlaces = sourcesOf(file, body);
  return {
    file,
    sql,
    kind,
    name,
    sources: [...sourcePlaces.keys()],
    isQuery: body.some((token, index) => isWord(token, 'AS') && isWord(body[index + 1], 'SELECT')),
    topic: topicOf(body) ?? name,
    textHash: createHash('sha256')
      .update(JSON.stringify(body.map(canonical)))
      .digest('hex')
      .slice(0, 16),
    place,
    sourcePlaces,
    directives: directivesOf(file, sql),
  };
}

const isWord = (token: SqlToken | undefined, word: string): boolean =>
  token?.kind === 'word' && token.text.toUpperCase() === word;

const isSymbol = (token: SqlToken | undefined, symbol: string): boolean =>
  token?.kind === 'symbol' && token.text === symbol;

const nameOf = (token: SqlToken): string => (token.kind === 'name' ? token.text : token.text.toUpperCase());

const canonical = (token: SqlToken): readonly [string, string] =>
  token.kind === 'word' ? ['word', token.text.toUpperCase()] : [token.kind, token.text];

/** Names after FROM and JOIN outside of parentheses, each once, in the order of their first mention. */
function sourcesOf(file: string, tokens: readonly SqlToken[]): Map<string, Place> {
  const names = new Map<string, Place>();
  let depth = 0;
  for (const [index, token] of tokens.entries()) {
    if (isSymbol(token, '(')) depth += 1;
    if (isSymbol(token, ')')) depth -= 1;
    if (depth > 0 || !(isWord(token, 'FROM') || isWord(token, 'JOIN'))) continue;
    // IS DISTINCT FROM compares.
    if (isWord(tokens[index - 1], 'DISTINCT')) continue;
    const name = tokens[index + 1];
    if (name?.kind !== 'word' && name?.kind !== 'name') {
      throw new SqlFileError(file, name ?? token, `expected the name of a stream or table after ${token.text}`);
    }
    if (!names.has(nameOf(name))) names.set(nameOf(name), { line: name.line, column: name.column });
  }
  return names;
}

function topicOf(tokens: readonly SqlToken[]): string | undefined {
  const value = propertyIn(tokens, 'KAFKA_TOPIC');
  return value?.kind === 'string' ? value.text : undefined;
}

/** The value that WITH gives a property; a column of the same name is none. */
export function propertyIn(tokens: readonly SqlToken[], name: string): SqlToken | undefined {
  const query = tokens.findIndex((token, index) => isWord(token, 'AS') && isWord(tokens[index + 1], 'SELECT'));
  const head = query === -1 ? tokens : tokens.slice(0, query);
  const at = head.findIndex((token, index) => isWord(token, name) && isSymbol(head[index + 1], '='));
  return at === -1 ? undefined : head[at + 2];
}

class TokenReader {
  #at = 0;
  constructor(
    readonly file: string,
    readonly tokens: readonly SqlToken[],
  ) {}

  take(word: string): boolean {
    if (!isWord(this.tokens[this.#at], word)) return false;
    this.#at += 1;
    return true;
  }

  expect(word: string): void {
    if (!this.take(word)) throw this.error(`expected ${word}`);
  }

  name(): string {
    const token = this.tokens[this.#at];
    if (token?.kind !== 'word' && token?.kind !== 'name') throw this.error('expected the name of the stream or table');
    this.#at += 1;
    return nameOf(token);
  }

  get place(): Place {
    const { line, column } = this.tokens[this.#at] ?? this.tokens.at(-1) ?? { line: 1, column: 1 };
    return { line, column };
  }

  error(expectation: string): SqlFileError {
    const token = this.tokens[this.#at];
    const found = token ? `, found '${token.text}'` : ', found the end of the file';
    return new SqlFileError(this.file, token ?? this.tokens.at(-1), `${expectation}${found}`);
  }
}
