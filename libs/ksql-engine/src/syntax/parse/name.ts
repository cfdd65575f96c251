import { ParseFailedError } from '../../errors/sql-error.js';
import { stringValue } from '../token.js';
import type { Cursor } from './cursor.js';

/** The name of a stream or table, or an alias of one. Even when quoted it has letters, digits, `_` and `-` only. */
export function parseSourceName(cursor: Cursor): string {
  const { location } = cursor;
  const name = cursor.identifier();
  if (!/^[A-Za-z0-9_-]*$/.test(name)) {
    const place = `Line: ${location.line}, Col: ${location.column + 1}`;
    cursor.report(
      new ParseFailedError(
        `Illegal argument at ${place}. Source names may only contain alphanumeric values, '_' or '-'. Got: '${name}'`,
        name,
        location,
      ),
    );
  }
  return name;
}

/** The name of a topic: a string, or an identifier whose case is kept. */
export function parseTopicName(cursor: Cursor): string {
  const { token } = cursor;
  if (token.kind === 'string') {
    cursor.next();
    return stringValue(token);
  }
  const name = cursor.identifier();
  return token.kind === 'backquotedIdentifier' || token.kind === 'quotedIdentifier' ? name : token.text;
}

/** `[IF EXISTS]` */
export function acceptIfExists(cursor: Cursor): boolean {
  if (!cursor.at('IF') || cursor.peek(1).word !== 'EXISTS') return false;
  cursor.next();
  cursor.next();
  return true;
}

/** `[IF NOT EXISTS]` */
export function acceptIfNotExists(cursor: Cursor): boolean {
  if (!cursor.at('IF') || cursor.peek(1).word !== 'NOT') return false;
  cursor.next();
  cursor.next();
  cursor.require('EXISTS');
  return true;
}
