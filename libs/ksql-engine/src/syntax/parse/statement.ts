import type { Explain, Statement } from '../ast/statement.js';
import { STATEMENT_WORDS } from './cursor.js';
import type { Cursor } from './cursor.js';
import { parseAssert, parseTestAssertion } from './assertion.js';
import { parseDescribe, parsePrint, parseShow } from './inspect.js';
import { parseInsert } from './insert.js';
import { nearestWord } from './nearest-word.js';
import { parseQuery } from './select.js';
import { parseControlQuery, parseDefine, parseSet, parseUndefine, parseUnset } from './session.js';
import { parseAlter, parseCreate, parseDrop } from './source.js';

type StatementParser = (cursor: Cursor) => Statement;

/** First word of a statement to the function that parses it. */
const parsers: ReadonlyMap<string, StatementParser> = new Map<string, StatementParser>([
  ['SELECT', parseSelect],
  ['LIST', parseShow],
  ['SHOW', parseShow],
  ['DESCRIBE', parseDescribe],
  ['PRINT', parsePrint],
  ['TERMINATE', parseControlQuery],
  ['PAUSE', parseControlQuery],
  ['RESUME', parseControlQuery],
  ['SET', parseSet],
  ['UNSET', parseUnset],
  ['DEFINE', parseDefine],
  ['UNDEFINE', parseUndefine],
  ['CREATE', parseCreate],
  ['INSERT', parseInsert],
  ['DROP', parseDrop],
  ['EXPLAIN', parseExplain],
  ['ALTER', parseAlter],
  ['ASSERT', parseAssert],
]);

/** Parses one statement without its semicolon. `dialect` test accepts the assertions of SQL test files as well. */
export function parseStatement(cursor: Cursor, dialect: 'server' | 'test' = 'server'): Statement {
  const { token } = cursor;
  const parse = parsers.get(token.word);
  if (parse === undefined) {
    if (cursor.tracing) throw cursor.error(token, unknownStatement(token.text));
    return cursor.fail();
  }
  const isTest = dialect === 'test' && parse === parseAssert && testAssertions.has(cursor.peek(1).word);
  cursor.undecided();
  const statement = isTest ? parseTestAssertion(cursor) : parse(cursor);
  cursor.decided();
  return statement;
}
const testAssertions: ReadonlySet<string> = new Set(['VALUES', 'NULL', 'STREAM', 'TABLE']);

function unknownStatement(word: string): string {
  return `Unknown statement '${word}'\nDid you mean '${nearestWord(word, STATEMENT_WORDS)}'?`;
}

function parseSelect(cursor: Cursor): Statement {
  cursor.decided();
  return { kind: 'query', query: parseQuery(cursor) };
}

/** EXPLAIN ( statement | query id ) */
function parseExplain(cursor: Cursor): Explain {
  cursor.require('EXPLAIN');
  const { token, location } = cursor;
  if (!parsers.has(token.word) || cursor.peek(1).word === ';') {
    const queryId = cursor.identifier();
    return { kind: 'explain', queryId, statement: undefined };
  }
  cursor.decided();
  const statement = cursor.nested(() => parseStatement(cursor));
  const last = cursor.token.word === ';' ? cursor.token : cursor.peek(-1);
  const text = cursor.text.slice(token.offset, last.end);
  return { kind: 'explain', queryId: undefined, statement: { text, location, statement } };
}
