import type { AssertSchema, AssertTopic, Statement, WithProperties } from '../ast/statement.js';
import type { Cursor } from './cursor.js';
import { parseColumnsAndValues } from './insert.js';
import { parseCount } from './literal.js';
import { acceptIfNotExists, parseSourceName, parseTopicName } from './name.js';
import { parseColumns, parseSourceKind } from './source.js';
import { parseDuration, toMs } from './window.js';
import { parseWithClause } from './with-clause.js';

/** ASSERT [NOT EXISTS] ( TOPIC … | SCHEMA … ) */
export function parseAssert(cursor: Cursor): AssertTopic | AssertSchema {
  cursor.require('ASSERT');
  const exists = !cursor.accept('NOT');
  if (!exists) cursor.require('EXISTS');
  if (cursor.accept('TOPIC')) return parseAssertTopic(cursor, exists);
  cursor.require('SCHEMA');
  return parseAssertSchema(cursor, exists);
}

/** TOPIC name [WITH (…)] [TIMEOUT duration] */
function parseAssertTopic(cursor: Cursor, exists: boolean): AssertTopic {
  cursor.decided();
  const topic = parseTopicName(cursor);
  const properties = parseWithClause(cursor);
  return { kind: 'assertTopic', topic, exists, properties, timeoutMs: parseTimeout(cursor) };
}

/** SCHEMA [SUBJECT name] [ID number] [TIMEOUT duration] */
function parseAssertSchema(cursor: Cursor, exists: boolean): AssertSchema {
  cursor.decided();
  const subject = cursor.accept('SUBJECT') ? parseTopicName(cursor) : undefined;
  const id = cursor.accept('ID') ? parseCount(cursor) : undefined;
  if (subject === undefined && id === undefined) {
    cursor.reportPrepare('ASSERT SCHEMA statements much include a subject name or an id');
  }
  return { kind: 'assertSchema', subject, id, exists, timeoutMs: parseTimeout(cursor) };
}

function parseTimeout(cursor: Cursor): number | undefined {
  return cursor.accept('TIMEOUT') ? toMs(parseDuration(cursor)) : undefined;
}

/**
 * The assertions of SQL test files; a server refuses them.
 *
 * ASSERT VALUES name [( column , … )] VALUES ( expression , … )
 * ASSERT NULL VALUES name [( column , … )] KEY ( expression , … )
 * ASSERT ( STREAM | TABLE ) name [( column , … )] [WITH (…)]
 */
export function parseTestAssertion(cursor: Cursor): Statement {
  cursor.require('ASSERT');
  if (cursor.accept('VALUES')) {
    cursor.decided();
    const target = parseSourceName(cursor);
    return { kind: 'assertValues', target, ...parseColumnsAndValues(cursor) };
  }
  if (cursor.accept('NULL')) {
    cursor.require('VALUES');
    cursor.decided();
    const target = parseSourceName(cursor);
    return { kind: 'assertTombstone', target, ...parseColumnsAndValues(cursor, 'KEY') };
  }
  const sourceKind = parseSourceKind(cursor);
  cursor.decided();
  const ifNotExists = acceptIfNotExists(cursor);
  const name = parseSourceName(cursor);
  const columns = cursor.accept('(') ? parseColumns(cursor) : [];
  const properties: WithProperties = parseWithClause(cursor);
  const created = { kind: 'createSource', sourceKind, name, orReplace: false, ifNotExists, isSource: false } as const;
  return { kind: 'assertSource', statement: { ...created, columns, properties } };
}
