import type { Expression } from '../ast/expression.js';
import type { WithProperties } from '../ast/statement.js';
import { stringValue } from '../token.js';
import type { Cursor } from './cursor.js';
import { parseLiteral } from './literal.js';

/** `[WITH ( name = literal , … )]`; names are upper-cased. */
export function parseWithClause(cursor: Cursor): WithProperties {
  return cursor.accept('WITH') ? parseProperties(cursor, (name) => name.toUpperCase()) : new Map();
}

/** `WITH ( 'name' = literal , … )` of a connector; names keep their case. */
export function parseConnectorProperties(cursor: Cursor): WithProperties {
  cursor.require('WITH');
  return parseProperties(cursor, (name) => name);
}

function parseProperties(cursor: Cursor, named: (name: string) => string): WithProperties {
  cursor.require('(');
  const properties = new Map<string, Expression>();
  cursor.list(() => {
    const { token } = cursor;
    let name: string;
    if (token.kind === 'string') {
      cursor.next();
      name = stringValue(token);
    } else {
      name = cursor.identifier();
    }
    cursor.require('=');
    const value = parseLiteral(cursor);
    const key = named(name);
    if (properties.has(key)) cursor.reportPrepare(`Duplicate property in the WITH clause: ${key}`);
    properties.set(key, value);
  });
  cursor.require(')');
  return properties;
}
