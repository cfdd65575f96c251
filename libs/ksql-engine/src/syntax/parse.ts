import { KsqlError, ParseFailedError } from '../errors/sql-error.js';
import type { SourceLocation } from '../errors/sql-error.js';
import type { Expression, TypeRef } from './ast/expression.js';
import type { ColumnDeclaration, ParsedStatement, Statement } from './ast/statement.js';
import { tokenize } from './lexer.js';
import { Cursor, TOO_DEEP, UntracedSyntaxError } from './parse/cursor.js';
import { parseExpression as parseExpressionAt } from './parse/expression.js';
import { parseColumn } from './parse/source.js';
import { parseStatement } from './parse/statement.js';
import { parseTypeRef } from './parse/type.js';
import { isWithinLimits } from './parse/tree-limits.js';
import type { Token } from './token.js';
import { mentionsVariables, substituteVariables } from './variables.js';
import type { Variables } from './variables.js';
import { must } from '../errors/assert.js';

export interface ParseOptions {
  /** `test` also accepts the assertions of SQL test files (ASSERT VALUES and the like); a server refuses them. */
  readonly dialect?: 'server' | 'test';
  /** Longest text, with the values of variables put in. */
  readonly charsMax?: number;
  /** Most words, literals and signs of the text: what the time to parse it depends on. */
  readonly tokensMax?: number;
  /** Most statements. */
  readonly statementsMax?: number;
}

/**
 * A statement cut out of a script whose syntax was found good. `parse` puts the variables in and gives the tree; only
 * then do the mistakes appear that are not about syntax (a number beyond its type, say).
 */
export interface SplitStatement {
  /** As written, with the semicolon. */
  readonly text: string;
  readonly location: SourceLocation;
  parse(variables?: Variables): ParsedStatement;
}

const noVariables: Variables = new Map();

/**
 * Cuts a script into statements and checks the syntax of all of them, so that an error anywhere refuses the whole.
 *
 * @throws ParseFailedError with the whole script as statement text
 * @throws KsqlError when the text is beyond one of the limits
 */
export function splitStatements(text: string, options: ParseOptions = {}): readonly SplitStatement[] {
  const { charsMax = Infinity, statementsMax = Infinity } = options;
  requireLength(text, charsMax);
  const cursor = new Cursor(tokenizeBounded(text, options), text);
  const statements: SplitStatement[] = [];
  while (cursor.token.kind !== 'end') {
    if (statements.length >= statementsMax) throw tooLarge(`has more than ${statementsMax} statements`);
    statements.push(splitOne(cursor, options));
  }
  return statements;
}

function tokenizeBounded(text: string, { tokensMax = Infinity }: ParseOptions): readonly Token[] {
  const tokens = tokenize(text, tokensMax);
  if (tokens.length > tokensMax) throw tooLarge(`has more than ${tokensMax} words, literals and signs`);
  return tokens;
}

function requireLength(text: string, charsMax: number): void {
  if (text.length > charsMax) throw tooLarge(`has ${text.length} characters; at most ${charsMax} are taken`);
}

/** The text itself is no part of the error: it would be as large as what was refused. */
const tooLarge = (what: string): KsqlError => new KsqlError(`The text of the statements ${what}. Send it in parts.`);

function splitOne(cursor: Cursor, options: ParseOptions): SplitStatement {
  const start = cursor.position;
  const first = cursor.token;
  const { location } = cursor;
  const statement = parseTraced(cursor, () => {
    const parsed = parseStatement(cursor, options.dialect);
    cursor.require(';');
    return parsed;
  });
  const tokens = cursor.tokens.slice(start, cursor.position);
  const text = cursor.text.slice(first.offset, must(tokens.at(-1), 'semicolon').end);
  const problem = withStatementText(cursor.problem, cursor.text, text);
  const hasVariables = mentionsVariables(tokens);
  const parse = (variables: Variables = noVariables): ParsedStatement => {
    if (hasVariables) {
      const substituted = substituteVariables(text, tokens, first.offset, variables, options.charsMax);
      if (substituted !== text) return parseSubstituted(substituted, first, options);
    }
    if (problem !== undefined) throw problem;
    return { text, location, statement };
  };
  return { text, location, parse };
}

/** The text with values in place of variables has lines and columns of its own, counted from where it began. */
function parseSubstituted(text: string, first: Token, options: ParseOptions): ParsedStatement {
  const tokens = tokenizeBounded(text, options).map((token) => ({
    ...token,
    line: token.line + first.line - 1,
    column: token.line === 1 ? token.column + first.column : token.column,
  }));
  const cursor = new Cursor(tokens, text);
  const { location } = cursor;
  const statement = parseTraced(cursor, () => {
    const parsed = parseStatement(cursor, options.dialect);
    cursor.require(';');
    if (cursor.token.kind !== 'end') cursor.fail();
    return parsed;
  });
  if (cursor.problem !== undefined) throw cursor.problem;
  return { text, location, statement };
}

/** Runs `parse`; a first failure is repeated with tracing, which throws an error that says what is wrong. */
function parseTraced<T extends object>(cursor: Cursor, parse: () => T): T {
  const start = cursor.position;
  cursor.begin(start, false);
  let parsed: T;
  try {
    parsed = parse();
  } catch (error) {
    if (!(error instanceof UntracedSyntaxError)) throw error;
    cursor.begin(start, true);
    parsed = parse();
  }
  if (!isWithinLimits(parsed, cursor.position - start))
    throw cursor.error(must(cursor.tokens[start], 'token'), TOO_DEEP);
  return parsed;
}

/** Mistakes that are noted while the whole script is read belong to one statement of it. */
function withStatementText(
  problem: ParseFailedError | undefined,
  script: string,
  text: string,
): ParseFailedError | undefined {
  if (problem?.statementText !== script) return problem;
  return new ParseFailedError(problem.message, text, problem.location);
}

/**
 * Parses a script. DEFINE and UNDEFINE in it count for the statements that follow.
 *
 * @throws ParseFailedError
 */
export function parseStatements(
  text: string,
  variables: Variables = noVariables,
  options: ParseOptions = {},
): ParsedStatement[] {
  const defined = new Map(variables);
  return splitStatements(text, options).map((split) => {
    const parsed = split.parse(defined);
    applyDefinition(parsed.statement, defined);
    return parsed;
  });
}

/** Changes the variables as DEFINE and UNDEFINE say; other statements change nothing. */
function applyDefinition(statement: Statement, variables: Map<string, string>): void {
  if (statement.kind === 'defineVariable') variables.set(statement.name, statement.value);
  else if (statement.kind === 'undefineVariable') variables.delete(statement.name);
}

/** Parses exactly one statement. */
export function parseOne(
  text: string,
  variables: Variables = noVariables,
  options: ParseOptions = {},
): ParsedStatement {
  const statements = parseStatements(text, variables, options);
  const [statement] = statements;
  if (statement === undefined || statements.length > 1) {
    throw new ParseFailedError(`Expected exactly one statement, got ${statements.length}`, text);
  }
  return statement;
}

function parseWhole<T extends object>(text: string, parse: (cursor: Cursor) => T): T {
  const cursor = new Cursor(tokenize(text), text);
  const parsed = parseTraced(cursor, () => {
    const result = parse(cursor);
    if (cursor.token.kind !== 'end') cursor.fail();
    return result;
  });
  if (cursor.problem !== undefined) throw cursor.problem;
  return parsed;
}

/** Parses the text of an expression alone. */
export function parseExpression(text: string): Expression {
  return parseWhole(text, parseExpressionAt);
}

/** Parses the text of a type alone, such as `MAP<STRING, DECIMAL(4, 2)>`. */
export function parseType(text: string): TypeRef {
  return parseWhole(text, parseTypeRef);
}

/** Parses columns as a CREATE statement lists them, without the parentheses: `ID STRING KEY, V INT`. */
export function parseColumnList(text: string): ColumnDeclaration[] {
  if (text.trim() === '') return [];
  return parseWhole(text, (cursor) => cursor.list(() => parseColumn(cursor)));
}
