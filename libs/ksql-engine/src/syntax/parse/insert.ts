import type { Expression } from '../ast/expression.js';
import type { InsertInto, InsertValues } from '../ast/statement.js';
import type { Cursor } from './cursor.js';
import { parseExpression } from './expression.js';
import { parseSourceName } from './name.js';
import { parseQuery } from './select.js';
import { parseWithClause } from './with-clause.js';

/** INSERT INTO name [WITH (…)] query | INSERT INTO name [( column , … )] VALUES ( expression , … ) */
export function parseInsert(cursor: Cursor): InsertInto | InsertValues {
  cursor.require('INSERT');
  cursor.require('INTO');
  const target = parseSourceName(cursor);
  if (cursor.at('(') || cursor.at('VALUES')) {
    cursor.decided();
    return { kind: 'insertValues', target, ...parseColumnsAndValues(cursor) };
  }
  if (!cursor.at('WITH') && !cursor.at('SELECT')) cursor.fail();
  cursor.decided();
  const properties = parseWithClause(cursor);
  return { kind: 'insertInto', target, properties, query: parseQuery(cursor) };
}

/** `[( column , … )] word ( expression , … )` */
export function parseColumnsAndValues(
  cursor: Cursor,
  word: 'VALUES' | 'KEY' = 'VALUES',
): { columns: readonly string[]; values: readonly Expression[] } {
  let columns: readonly string[] = [];
  if (cursor.accept('(')) {
    columns = cursor.list(() => cursor.identifier());
    cursor.require(')');
  }
  cursor.require(word);
  cursor.require('(');
  const values = cursor.list(() => parseExpression(cursor));
  cursor.require(')');
  return { columns, values };
}
