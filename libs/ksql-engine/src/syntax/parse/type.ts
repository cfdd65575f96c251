import type { TypeRef } from '../ast/expression.js';
import {
  BIGINT,
  BOOLEAN,
  BYTES,
  DATE,
  DOUBLE,
  INTEGER,
  STRING,
  TIME,
  TIMESTAMP,
  arrayType,
  decimalType,
  mapType,
  structType,
} from '../../types/sql-type.js';
import type { SqlType, StructField } from '../../types/sql-type.js';
import { must } from '../../errors/assert.js';
import type { Cursor } from './cursor.js';

const primitives: ReadonlyMap<string, SqlType> = new Map<string, SqlType>([
  ['BOOLEAN', BOOLEAN],
  ['INT', INTEGER],
  ['INTEGER', INTEGER],
  ['BIGINT', BIGINT],
  ['DOUBLE', DOUBLE],
  ['STRING', STRING],
  ['VARCHAR', STRING],
  ['BYTES', BYTES],
  ['DATE', DATE],
  ['TIME', TIME],
  ['TIMESTAMP', TIMESTAMP],
]);

const builtin = (type: SqlType): TypeRef => ({ kind: 'builtin', type });

/**
 * type:  ARRAY < type >
 *     |  MAP < type , type >
 *     |  STRUCT < [ name type , … ] >
 *     |  DECIMAL ( precision , scale )
 *     |  name [ ( STRING | integer , … ) ]
 *
 * A type made of built-in ones alone becomes one `builtin` node.
 */
export function parseTypeRef(cursor: Cursor): TypeRef {
  return cursor.nested(() => {
    const next = cursor.peek(1).word;
    if (next === '<' || next === '<>') {
      if (cursor.accept('ARRAY')) return parseArray(cursor);
      if (cursor.accept('MAP')) return parseMap(cursor);
      if (cursor.accept('STRUCT')) return parseStruct(cursor);
    }
    return parseNamedType(cursor);
  });
}

function parseArray(cursor: Cursor): TypeRef {
  cursor.require('<');
  const element = parseTypeRef(cursor);
  cursor.require('>');
  return element.kind === 'builtin' ? builtin(arrayType(element.type)) : { kind: 'array', element };
}

function parseMap(cursor: Cursor): TypeRef {
  cursor.require('<');
  const key = parseTypeRef(cursor);
  cursor.require(',');
  const value = parseTypeRef(cursor);
  cursor.require('>');
  return key.kind === 'builtin' && value.kind === 'builtin'
    ? builtin(mapType(key.type, value.type))
    : { kind: 'map', key, value };
}

function parseStruct(cursor: Cursor): TypeRef {
  if (cursor.accept('<>')) return builtin(structType([]));
  cursor.require('<');
  if (cursor.accept('>')) return builtin(structType([]));
  const fields = cursor.list(() => ({ name: cursor.identifier(), type: parseTypeRef(cursor) }));
  cursor.require('>');
  const builtins: StructField[] = [];
  for (const { name, type } of fields) if (type.kind === 'builtin') builtins.push({ name, type: type.type });
  return builtins.length === fields.length ? builtin(structType(builtins)) : { kind: 'struct', fields };
}

function parseNamedType(cursor: Cursor): TypeRef {
  const { token } = cursor;
  const name = cursor.identifier();
  const parameters = cursor.accept('(') ? parseParameters(cursor) : [];
  if (token.kind === 'backquotedIdentifier' || token.kind === 'quotedIdentifier') return { kind: 'custom', name };
  if (name === 'DECIMAL') return builtin(checkedDecimal(cursor, parameters));
  const primitive = primitives.get(name);
  return primitive === undefined ? { kind: 'custom', name } : builtin(primitive);
}

/** `STRING | integer , … )` */
function parseParameters(cursor: Cursor): string[] {
  const parameters = cursor.list(() => {
    if (cursor.accept('STRING')) return 'STRING';
    if (cursor.token.kind !== 'integer') cursor.fail('INTEGER_VALUE');
    return cursor.next().text;
  });
  cursor.require(')');
  return parameters;
}

/** DECIMAL needs both numbers: precision of at least 1, scale from 0 to the precision. */
function checkedDecimal(cursor: Cursor, parameters: readonly string[]): SqlType {
  const given = parameters.length > 0 ? `(${parameters.join(', ')})` : '';
  if (parameters.length !== 2 || !parameters.every((parameter) => /^[0-9]{1,9}$/.test(parameter))) {
    cursor.reportPrepare(`DECIMAL needs a precision and a scale, as in DECIMAL(10, 2). Got: DECIMAL${given}`);
    return decimalType(1, 0);
  }
  const precision = Number(must(parameters[0], 'precision'));
  const scale = Number(must(parameters[1], 'scale'));
  if (precision < 1) cursor.reportPrepare(`DECIMAL precision must be >= 1: DECIMAL(${precision},${scale})`);
  else if (scale > precision) {
    cursor.reportPrepare(`DECIMAL precision must be >= scale: DECIMAL(${precision},${scale})`);
  }
  return decimalType(precision, scale);
}
