import type {
  AlterSource,
  AlterSystem,
  ColumnConstraint,
  ColumnDeclaration,
  CreateAsSelect,
  CreateConnector,
  CreateSource,
  CreateType,
  DropConnector,
  DropSource,
  DropType,
  SourceKind,
  Statement,
} from '../ast/statement.js';
import type { Cursor } from './cursor.js';
import { acceptIfExists, acceptIfNotExists, parseSourceName } from './name.js';
import { parseQuery } from './select.js';
import { parseTypeRef } from './type.js';
import { parseConnectorProperties, parseWithClause } from './with-clause.js';

/** create: CREATE … STREAM | TABLE, CREATE TYPE, CREATE … CONNECTOR */
export function parseCreate(cursor: Cursor): Statement {
  cursor.require('CREATE');
  if (cursor.accept('TYPE')) return parseCreateType(cursor);
  if (cursor.peek(1).word === 'CONNECTOR' && (cursor.at('SOURCE') || cursor.at('SINK')))
    return parseCreateConnector(cursor);
  let orReplace = false;
  if (cursor.accept('OR')) {
    cursor.require('REPLACE');
    orReplace = true;
  }
  const isSource = cursor.accept('SOURCE');
  return parseCreateSource(cursor, orReplace, isSource);
}

/**
 * CREATE [OR REPLACE] [SOURCE] ( STREAM | TABLE ) [IF NOT EXISTS] name [( column , … )] [WITH (…)]
 * CREATE [OR REPLACE] ( STREAM | TABLE ) [IF NOT EXISTS] name [WITH (…)] AS query
 */
function parseCreateSource(cursor: Cursor, orReplace: boolean, isSource: boolean): CreateSource | CreateAsSelect {
  const sourceKind = parseSourceKind(cursor);
  const ifNotExists = acceptIfNotExists(cursor);
  const name = parseSourceName(cursor);
  cursor.decided();
  const columns = cursor.accept('(') ? parseColumns(cursor) : undefined;
  const properties = parseWithClause(cursor);
  if (columns === undefined && !isSource && cursor.token.word === 'AS') {
    cursor.next();
    const query = parseQuery(cursor);
    if (query.limit !== undefined) {
      cursor.reportPrepare(`CREATE ${sourceKind} AS SELECT statements don't support LIMIT clause.`);
    }
    return { kind: 'createAsSelect', sourceKind, name, orReplace, ifNotExists, properties, query };
  }
  return {
    kind: 'createSource',
    sourceKind,
    name,
    orReplace,
    ifNotExists,
    isSource,
    columns: columns ?? [],
    properties,
  };
}

export function parseSourceKind(cursor: Cursor): SourceKind {
  if (cursor.accept('STREAM')) return 'STREAM';
  cursor.require('TABLE');
  return 'TABLE';
}

/** `column , … )` after the opening parenthesis. */
export function parseColumns(cursor: Cursor): ColumnDeclaration[] {
  const columns = cursor.list(() => parseColumn(cursor));
  cursor.require(')');
  return columns;
}

/** column: name type [KEY | PRIMARY KEY | HEADERS | HEADER ( 'key' )] */
export function parseColumn(cursor: Cursor): ColumnDeclaration {
  const { location } = cursor;
  const name = cursor.identifier();
  const type = parseTypeRef(cursor);
  return { name, type, constraint: parseConstraint(cursor), location };
}

function parseConstraint(cursor: Cursor): ColumnConstraint {
  if (cursor.accept('KEY')) return { kind: 'key' };
  if (cursor.accept('HEADERS')) return { kind: 'headers' };
  if (cursor.accept('PRIMARY')) {
    cursor.require('KEY');
    return { kind: 'primaryKey' };
  }
  if (!cursor.accept('HEADER')) return { kind: 'none' };
  cursor.require('(');
  const key = cursor.string();
  cursor.require(')');
  return { kind: 'header', key };
}

/** CREATE TYPE [IF NOT EXISTS] name AS type */
function parseCreateType(cursor: Cursor): CreateType {
  cursor.decided();
  const ifNotExists = acceptIfNotExists(cursor);
  const name = cursor.identifier();
  cursor.require('AS');
  return { kind: 'createType', name, ifNotExists, type: parseTypeRef(cursor) };
}

/** CREATE ( SOURCE | SINK ) CONNECTOR [IF NOT EXISTS] name WITH (…) */
function parseCreateConnector(cursor: Cursor): CreateConnector {
  const connectorKind = cursor.next().word === 'SINK' ? 'SINK' : 'SOURCE';
  cursor.require('CONNECTOR');
  cursor.decided();
  const ifNotExists = acceptIfNotExists(cursor);
  const name = cursor.identifier();
  return { kind: 'createConnector', connectorKind, name, ifNotExists, properties: parseConnectorProperties(cursor) };
}

/** DROP ( STREAM | TABLE ) [IF EXISTS] name [DELETE TOPIC] | DROP TYPE [IF EXISTS] name | DROP CONNECTOR [IF EXISTS] name */
export function parseDrop(cursor: Cursor): DropSource | DropType | DropConnector {
  cursor.require('DROP');
  if (cursor.accept('TYPE')) {
    cursor.decided();
    const ifExists = acceptIfExists(cursor);
    return { kind: 'dropType', name: cursor.identifier(), ifExists };
  }
  if (cursor.accept('CONNECTOR')) {
    cursor.decided();
    const ifExists = acceptIfExists(cursor);
    return { kind: 'dropConnector', name: cursor.identifier(), ifExists };
  }
  const sourceKind = parseSourceKind(cursor);
  cursor.decided();
  const ifExists = acceptIfExists(cursor);
  const name = parseSourceName(cursor);
  const deleteTopic = cursor.accept('DELETE');
  if (deleteTopic) cursor.require('TOPIC');
  return { kind: 'dropSource', sourceKind, name, ifExists, deleteTopic };
}

/** ALTER ( STREAM | TABLE ) name ADD [COLUMN] column type , … | ALTER SYSTEM 'name' = 'value' */
export function parseAlter(cursor: Cursor): AlterSource | AlterSystem {
  cursor.require('ALTER');
  if (cursor.accept('SYSTEM')) {
    cursor.decided();
    const name = cursor.string();
    cursor.require('=');
    return { kind: 'alterSystem', name, value: cursor.string() };
  }
  const sourceKind = parseSourceKind(cursor);
  cursor.decided();
  const name = parseSourceName(cursor);
  const additions = cursor.list(() => {
    cursor.require('ADD');
    if (cursor.token.word === 'COLUMN' && startsColumn(cursor)) cursor.next();
    return { name: cursor.identifier(), type: parseTypeRef(cursor) };
  });
  return { kind: 'alterSource', sourceKind, name, additions };
}

/** COLUMN is a name too: `ADD COLUMN INT` adds a column COLUMN, `ADD COLUMN C INT` one called C. */
function startsColumn(cursor: Cursor): boolean {
  const after = cursor.peek(2).word;
  return after !== ';' && after !== ',' && after !== '<' && after !== '(';
}
