import type { ControlQuery, DefineVariable, SetProperty, UndefineVariable, UnsetProperty } from '../ast/statement.js';
import type { Cursor } from './cursor.js';

/** SET 'name' = 'value' */
export function parseSet(cursor: Cursor): SetProperty {
  cursor.require('SET');
  cursor.decided();
  const name = cursor.string();
  cursor.require('=');
  return { kind: 'setProperty', name, value: cursor.string() };
}

/** UNSET 'name' */
export function parseUnset(cursor: Cursor): UnsetProperty {
  cursor.require('UNSET');
  cursor.decided();
  return { kind: 'unsetProperty', name: cursor.string() };
}

/** DEFINE name = 'value' */
export function parseDefine(cursor: Cursor): DefineVariable {
  cursor.require('DEFINE');
  cursor.decided();
  const name = parseVariableName(cursor);
  cursor.require('=');
  return { kind: 'defineVariable', name, value: cursor.string() };
}

/** UNDEFINE name */
export function parseUndefine(cursor: Cursor): UndefineVariable {
  cursor.require('UNDEFINE');
  cursor.decided();
  return { kind: 'undefineVariable', name: parseVariableName(cursor) };
}

/** Any unquoted word, keywords included (`DEFINE topic = …`), in the case it is written in. */
function parseVariableName(cursor: Cursor): string {
  const { kind, text } = cursor.token;
  if (kind !== 'identifier' && kind !== 'keyword') cursor.fail('IDENTIFIER');
  cursor.next();
  return text;
}

/** ( TERMINATE | PAUSE | RESUME ) ( ALL | query id ) */
export function parseControlQuery(cursor: Cursor): ControlQuery {
  const action = cursor.next().word as ControlQuery['action'];
  if (cursor.accept('ALL')) return { kind: 'controlQuery', action, queryId: undefined };
  const queryId = cursor.identifier();
  cursor.decided();
  return { kind: 'controlQuery', action, queryId };
}
