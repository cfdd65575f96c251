import type { Expression } from '../ast/expression.js';
import type { JoinRelation, Query, Relation, SelectItem, SourceRelation } from '../ast/statement.js';
import { isIdentifier } from '../token.js';
import type { Cursor } from './cursor.js';
import { parseExpression, parseValue } from './expression.js';
import { parseLimit } from './literal.js';
import { parseSourceName } from './name.js';
import { parseWindow, parseWithin } from './window.js';

/**
 * query: SELECT item , … FROM relation [WINDOW window] [WHERE expression] [GROUP BY keys] [PARTITION BY keys]
 *        [HAVING expression] [EMIT ( CHANGES | FINAL )] [LIMIT count]
 */
export function parseQuery(cursor: Cursor): Query {
  const { location } = cursor;
  cursor.require('SELECT');
  const select = cursor.list(() => parseSelectItem(cursor));
  cursor.require('FROM');
  const from = parseRelation(cursor);
  const window = cursor.accept('WINDOW') ? parseWindow(cursor) : undefined;
  const where = cursor.accept('WHERE') ? parseExpression(cursor) : undefined;
  const groupBy = parseKeys(cursor, 'GROUP');
  const partitionBy = parseKeys(cursor, 'PARTITION');
  if (groupBy !== undefined && partitionBy !== undefined) {
    cursor.reportPrepare('Queries only support one of PARTITION BY and GROUP BY');
  }
  const having = cursor.accept('HAVING') ? parseExpression(cursor) : undefined;
  const emit = cursor.accept('EMIT') ? parseEmit(cursor) : undefined;
  const limit = cursor.accept('LIMIT') ? parseLimit(cursor) : undefined;
  return { select, from, window, where, groupBy, partitionBy, having, emit, limit, location };
}

function parseEmit(cursor: Cursor): 'CHANGES' | 'FINAL' {
  cursor.sync();
  if (cursor.accept('CHANGES')) return 'CHANGES';
  cursor.require('FINAL');
  return 'FINAL';
}

/** item: * | name . * | primary -> * | expression [[AS] name] */
function parseSelectItem(cursor: Cursor): SelectItem {
  const { location, token } = cursor;
  if (cursor.accept('*')) return { kind: 'all', source: undefined, location };
  if (isIdentifier(token) && cursor.peek(1).word === '.' && cursor.peek(2).word === '*') {
    const source = cursor.identifier();
    cursor.next();
    cursor.next();
    return { kind: 'all', source, location };
  }
  if (token.word !== 'NOT' && token.word !== '+' && token.word !== '-') cursor.undecided();
  const expression = parseExpression(cursor);
  if (cursor.token.word === '->' && cursor.peek(1).word === '*') {
    cursor.next();
    cursor.next();
    return {
      kind: 'expression',
      expression: { kind: 'structAll', base: expression, location },
      alias: undefined,
      location,
    };
  }
  const alias = cursor.accept('AS') || isIdentifier(cursor.token) ? cursor.identifier() : undefined;
  return { kind: 'expression', expression, alias, location };
}

/** relation: source ( join source [WITHIN …] ON expression )* */
function parseRelation(cursor: Cursor): Relation {
  let left: Relation = parseSource(cursor);
  for (;;) {
    const { location } = cursor;
    const type = parseJoinType(cursor);
    if (type === undefined) return left;
    const right = parseSource(cursor);
    const within = parseWithin(cursor);
    cursor.require('ON');
    left = { kind: 'join', type, left, right, on: parseExpression(cursor), within, location };
  }
}

/** join: [INNER] JOIN | ( LEFT | RIGHT | FULL ) [OUTER] JOIN */
function parseJoinType(cursor: Cursor): JoinRelation['type'] | undefined {
  const type = (['INNER', 'LEFT', 'RIGHT', 'FULL'] as const).find((word) => cursor.accept(word));
  if (type === undefined) return cursor.accept('JOIN') ? 'INNER' : undefined;
  if (type !== 'INNER') cursor.accept('OUTER');
  cursor.require('JOIN');
  return type;
}

/** source: name [[AS] alias]. Words that begin the next clause are no alias there. */
function parseSource(cursor: Cursor): SourceRelation {
  const { location } = cursor;
  const name = parseSourceName(cursor);
  const hasAlias = cursor.accept('AS') || (isIdentifier(cursor.token) && !startsClause(cursor));
  return { kind: 'source', name, alias: hasAlias ? parseSourceName(cursor) : name, location };
}

function startsClause(cursor: Cursor): boolean {
  const next = cursor.peek(1).word;
  return (
    (cursor.token.word === 'EMIT' && (next === 'CHANGES' || next === 'FINAL')) ||
    (cursor.token.word === 'PARTITION' && next === 'BY')
  );
}

/** `[GROUP BY keys]`, `[PARTITION BY keys]`; keys: value , … | ( [ value , … ] ) */
function parseKeys(cursor: Cursor, word: 'GROUP' | 'PARTITION'): readonly Expression[] | undefined {
  if (!cursor.accept(word)) return undefined;
  cursor.require('BY');
  if (!isParenthesizedList(cursor)) return cursor.list(() => parseValue(cursor));
  cursor.require('(');
  if (cursor.accept(')')) return [];
  const keys = cursor.list(() => parseValue(cursor));
  cursor.require(')');
  return keys;
}

/** Whether the parentheses here hold a list (none or several expressions); those around one belong to the expression. */
function isParenthesizedList(cursor: Cursor): boolean {
  if (cursor.token.word !== '(') return false;
  if (cursor.peek(1).word === ')') return true;
  for (let ahead = 1; ; ahead++) {
    const { kind, word } = cursor.peek(ahead);
    if (word === '(' || word === '[') ahead = cursor.partnerOf(ahead);
    else if (word === ',') return true;
    else if (kind === 'end' || word === ';' || word === ')' || word === ']') return false;
  }
}
