import type { DescribeSource, PrintTopic, ShowStatement, Statement } from '../ast/statement.js';
import { isIdentifier } from '../token.js';
import type { Cursor } from './cursor.js';
import { parseCount } from './literal.js';
import { parseSourceName, parseTopicName } from './name.js';

const plainSubjects = ['FUNCTIONS', 'PROPERTIES', 'TYPES', 'VARIABLES', 'CONNECTORS'] as const;
const extensibleSubjects = ['STREAMS', 'TABLES', 'QUERIES', 'TOPICS'] as const;

/**
 * ( SHOW | LIST )  ( STREAMS | TABLES | QUERIES | [ALL] TOPICS ) [EXTENDED]
 *               |  FUNCTIONS | PROPERTIES | TYPES | VARIABLES | [SOURCE | SINK] CONNECTORS | CONNECTOR PLUGINS
 */
export function parseShow(cursor: Cursor): ShowStatement {
  cursor.next();
  const show = (what: ShowStatement['what']): ShowStatement => ({ kind: 'show', what, extended: false });
  const extensible = (what: ShowStatement['what']): ShowStatement => {
    cursor.decided();
    return { kind: 'show', what, extended: cursor.accept('EXTENDED') };
  };
  for (const word of extensibleSubjects) if (cursor.accept(word)) return extensible(word);
  for (const word of plainSubjects) if (cursor.accept(word)) return show(word);
  if (cursor.accept('ALL')) {
    cursor.require('TOPICS');
    return extensible('ALL_TOPICS');
  }
  if (cursor.accept('CONNECTOR')) {
    cursor.require('PLUGINS');
    return show('CONNECTOR_PLUGINS');
  }
  const kind = (['SOURCE', 'SINK'] as const).find((word) => cursor.accept(word)) ?? cursor.fail();
  cursor.require('CONNECTORS');
  return show(`${kind}_CONNECTORS`);
}

/** DESCRIBE ( FUNCTION name | CONNECTOR name | STREAMS [EXTENDED] | TABLES [EXTENDED] | name [EXTENDED] ) */
export function parseDescribe(cursor: Cursor): Statement {
  cursor.require('DESCRIBE');
  if (cursor.at('FUNCTION') && isIdentifier(cursor.peek(1))) {
    cursor.decided();
    cursor.next();
    return { kind: 'describeFunction', name: cursor.identifier() };
  }
  if (cursor.accept('CONNECTOR')) {
    cursor.decided();
    return { kind: 'describeConnector', name: cursor.identifier() };
  }
  if (cursor.at('STREAMS') || cursor.at('TABLES')) {
    cursor.decided();
    const sourceKind = cursor.next().word === 'STREAMS' ? 'STREAM' : 'TABLE';
    return { kind: 'describeSources', sourceKind, extended: cursor.accept('EXTENDED') };
  }
  return parseDescribeSource(cursor);
}

function parseDescribeSource(cursor: Cursor): DescribeSource {
  const name = parseSourceName(cursor);
  cursor.decided();
  return { kind: 'describeSource', name, extended: cursor.accept('EXTENDED') };
}

/** PRINT topic [FROM BEGINNING] [( INTERVAL | SAMPLE ) count] [LIMIT count] */
export function parsePrint(cursor: Cursor): PrintTopic {
  cursor.require('PRINT');
  cursor.decided();
  const topic = parseTopicName(cursor);
  const fromBeginning = cursor.accept('FROM');
  if (fromBeginning) cursor.require('BEGINNING');
  const interval = cursor.accept('INTERVAL') || cursor.accept('SAMPLE') ? parseCount(cursor) : 1;
  const limit = cursor.accept('LIMIT') ? parseCount(cursor) : undefined;
  return { kind: 'print', topic, fromBeginning, interval, limit };
}
