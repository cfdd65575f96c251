import { ParseFailedError } from '../../errors/sql-error.js';
import type { SourceLocation } from '../../errors/sql-error.js';
import { WORD_RANK } from '../keywords.js';
import { identifierName, isIdentifier, stringValue } from '../token.js';
import type { Token } from '../token.js';
import { must } from '../../errors/assert.js';

/** Classes of tokens as they stand in a list of expected ones. Those in `wideClasses` stand for so many that no list is shown. */
export type TokenClass = 'IDENTIFIER' | 'STRING' | 'INTEGER_VALUE' | 'identifier' | 'expression' | 'unit';
const wideClasses: ReadonlySet<string> = new Set<TokenClass>(['identifier', 'expression', 'unit']);
/** Longer lists of expected words help nobody. */
const EXPECTED_SHOWN_MAX = 6;
/** Expressions and types may be nested this deep. More than what tree-limits.ts allows: those are the limits users meet. */
const DEPTH_MAX = 420;

export const TOO_DEEP = 'The statement is nested too deeply. Split it into several statements.';

/** Thrown while errors are not traced: parse the statement again with tracing to learn what is wrong. */
export class UntracedSyntaxError extends Error {}
const untraced = new UntracedSyntaxError('parse again with tracing');

/**
 * The place in the tokens, and all that the parser functions ask of it.
 *
 * What was expected at the place where parsing fails is needed only then. So a statement is first parsed without keeping
 * book; if that fails it is parsed once more with `tracing`, where each look at a token leaves the looked-for word in
 * `expected`. Which of the words belong in the message follows the habits of the LL parser that users of ksqlDB know:
 *
 * - `sync()` marks a point where the rule must go on with one of the words asked for from there on; what was asked
 *   before (an alias, another operator) is forgotten.
 * - Between `undecided()` and `decided()` several rules are still possible; then only the offending word is named.
 */
export class Cursor {
  position = 0;
  /** Whether looks at tokens are remembered for the error message. */
  tracing = false;
  /** The first mistake found in a statement that is well-formed otherwise (a number too big for its type, say). */
  problem: ParseFailedError | undefined;
  private readonly expected = new Set<string>();
  private expectedAt = -1;
  private undecidedFrom: number | undefined;
  private depth = 0;
  private partners: Int32Array | undefined;

  constructor(
    readonly tokens: readonly Token[],
    /** The whole text, for error messages. */
    readonly text: string,
  ) {}

  /** Starts over at a position. */
  begin(position: number, tracing: boolean): void {
    this.position = position;
    this.tracing = tracing;
    this.problem = undefined;
    this.depth = 0;
    this.undecidedFrom = undefined;
    this.sync();
  }

  get token(): Token {
    return must(this.tokens[this.position], 'token');
  }

  peek(ahead: number): Token {
    return must(this.tokens[Math.min(this.position + ahead, this.tokens.length - 1)], 'token');
  }

  /** How far away the partner of an opening parenthesis or bracket stands, that one being `ahead` of here. */
  partnerOf(ahead: number): number {
    this.partners ??= findPartners(this.tokens);
    return must(this.partners[this.position + ahead], 'partner') - this.position;
  }

  get location(): SourceLocation {
    const { line, column } = this.token;
    return { line, column };
  }

  next(): Token {
    const { token } = this;
    if (token.kind !== 'end') this.position++;
    return token;
  }

  /** Whether the current token is this keyword or symbol. */
  at(word: string): boolean {
    if (this.token.word === word) return true;
    if (this.tracing) this.expect(`'${word}'`);
    return false;
  }

  atAny(...words: readonly string[]): boolean {
    return words.some((word) => this.at(word));
  }

  accept(word: string): boolean {
    if (!this.at(word)) return false;
    this.position++;
    return true;
  }

  require(word: string): Token {
    if (!this.at(word)) this.fail();
    return this.next();
  }

  atIdentifier(): boolean {
    if (isIdentifier(this.token)) return true;
    if (this.tracing) this.expect('identifier');
    return false;
  }

  /** A name; upper-cased unless it was quoted. */
  identifier(): string {
    if (!this.atIdentifier()) this.fail();
    return identifierName(this.next());
  }

  string(): string {
    if (this.token.kind !== 'string') this.fail('STRING');
    return stringValue(this.next());
  }

  /** Parses `item , item …` up to a token that is no comma. The rule goes on with `,` or what is asked for next. */
  list<T>(item: () => T): T[] {
    const items: T[] = [];
    do {
      items.push(item());
      this.sync();
    } while (this.accept(','));
    return items;
  }

  sync(): void {
    this.expected.clear();
    this.expectedAt = this.position;
  }

  /** Several rules can begin here. True for the one who has to call `decided`; an outer doubt includes inner ones. */
  undecided(): boolean {
    if (this.undecidedFrom !== undefined) return false;
    this.undecidedFrom = this.position;
    return true;
  }

  get isUndecidedHere(): boolean {
    return this.undecidedFrom === this.position;
  }

  decided(): void {
    this.undecidedFrom = undefined;
  }

  /** Runs `parse` one level deeper; text that is nested too deeply is refused before it can exhaust the stack. */
  nested<T>(parse: () => T): T {
    if (this.depth >= DEPTH_MAX) {
      throw this.error(this.token, TOO_DEEP);
    }
    this.depth++;
    const result = parse();
    this.depth--;
    return result;
  }

  /** Notes a mistake that does not hinder parsing; the first one counts. */
  report(problem: ParseFailedError): void {
    this.problem ??= problem;
  }

  /** A mistake in a well-formed statement. */
  reportPrepare(message: string): void {
    this.report(new ParseFailedError(`Failed to prepare statement: ${message}`, this.text));
  }

  /** No rule goes on with the current token. */
  fail(expected?: TokenClass): never {
    if (!this.tracing) throw untraced;
    if (expected !== undefined) this.expect(expected);
    throw this.error(this.token, this.detail());
  }

  /** A syntax error at the token, in the words of ksqlDB. */
  error(token: Token, detail: string): ParseFailedError {
    const location = { line: token.line, column: token.column };
    return new ParseFailedError(`line ${token.line}:${token.column + 1}: Syntax Error\n${detail}`, this.text, location);
  }

  private expect(what: string): void {
    if (this.expectedAt !== this.position) this.sync();
    this.expected.add(what);
  }

  private detail(): string {
    const { token } = this;
    const { undecidedFrom } = this;
    if (undecidedFrom !== undefined && this.position > undecidedFrom) {
      return `Syntax error at or near '${token.text}' at line ${token.line}:${token.column + 1}`;
    }
    const isSuperfluous = token.kind !== 'end' && this.isExpected(this.peek(1));
    if (isSuperfluous && token.kind === 'keyword' && !isIdentifier(token)) {
      return `"${token.text}" is a reserved keyword and it can't be used as an identifier. You can use it as an identifier by escaping it as '${token.text}' `;
    }
    if (!isSuperfluous && this.expected.has("';'") && (token.kind === 'end' || STATEMENT_WORDS.has(token.word))) {
      return `missing ';' at '${token.text}'`;
    }
    if (token.kind === 'end') return `Syntax error at or near ";"\n'}', ']', or ')' is missing`;
    const expected = [...this.expected];
    if (expected.length > EXPECTED_SHOWN_MAX || expected.some((word) => wideClasses.has(word))) return '';
    const shown = expected.sort((a, b) => rank(a) - rank(b));
    return `Expecting ${shown.length === 1 ? (shown[0] ?? '') : `{${shown.join(', ')}}`}`;
  }

  private isExpected(token: Token): boolean {
    return [...this.expected].some((what) => {
      switch (what) {
        case 'identifier':
          return isIdentifier(token);
        case 'IDENTIFIER':
          return token.kind === 'identifier';
        case 'STRING':
          return token.kind === 'string';
        case 'INTEGER_VALUE':
          return token.kind === 'integer';
        case 'expression':
          return isIdentifier(token) || expressionKinds.has(token.kind) || expressionWords.has(token.word);
        default:
          return what === `'${token.word}'`;
      }
    });
  }
}

/** For each opening parenthesis or bracket the position of its closing one; the end of the text where there is none. */
function findPartners(tokens: readonly Token[]): Int32Array {
  const partners = new Int32Array(tokens.length).fill(tokens.length - 1);
  const open: number[] = [];
  tokens.forEach(({ word }, position) => {
    if (word === '(' || word === '[') open.push(position);
    else if (word === ')' || word === ']') {
      const partner = open.pop();
      if (partner !== undefined) partners[partner] = position;
    } else if (word === ';') open.length = 0;
  });
  return partners;
}

const expressionKinds: ReadonlySet<string> = new Set(['string', 'integer', 'decimal', 'double']);
const expressionWords: ReadonlySet<string> = new Set(['(', '+', '-', 'NOT', 'NULL', 'TRUE', 'FALSE', 'CASE', 'CAST']);

/** Symbols first, in the order of their first use in the grammar; then words; then classes of tokens. */
const symbolRank = [';', '(', ',', ')', '=', '[', ']', '->', '.', ':='];
function rank(expected: string): number {
  if (!expected.startsWith("'")) return 10_000;
  const word = expected.slice(1, -1);
  const symbol = symbolRank.indexOf(word);
  return symbol >= 0 ? symbol : 100 + (WORD_RANK.get(word) ?? 0);
}

/** The words a statement can begin with; of equally near ones the first is proposed. */
export const STATEMENT_WORDS: ReadonlySet<string> = new Set([
  'SELECT', 'LIST', 'SHOW', 'DESCRIBE', 'PRINT', 'TERMINATE', 'PAUSE', 'RESUME', 'SET', 'UNSET', 'DEFINE', 'UNDEFINE',
  'CREATE', 'INSERT', 'DROP', 'EXPLAIN', 'ALTER', 'ASSERT',
]); // prettier-ignore
