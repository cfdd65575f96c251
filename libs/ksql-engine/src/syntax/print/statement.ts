import type { Expression } from '../ast/expression.js';
import type { ColumnConstraint, ColumnDeclaration, Statement, WithProperties } from '../ast/statement.js';
import { printExpression, printList } from './expression.js';
import { printIdentifier, printString } from './identifier.js';
import { printDuration, printQuery } from './query.js';
import { printType } from './type.js';

type Printers = { readonly [K in Statement['kind']]: (node: Extract<Statement, { kind: K }>) => string };

const printers: Printers = {
  createSource: (node) =>
    words(
      'CREATE',
      node.orReplace && 'OR REPLACE',
      node.isSource && 'SOURCE',
      node.sourceKind,
      node.ifNotExists && 'IF NOT EXISTS',
      printIdentifier(node.name),
      printColumns(node.columns),
      printWith(node.properties),
    ),
  createAsSelect: (node) =>
    words(
      'CREATE',
      node.orReplace && 'OR REPLACE',
      node.sourceKind,
      node.ifNotExists && 'IF NOT EXISTS',
      printIdentifier(node.name),
      printWith(node.properties),
      'AS',
      printQuery(node.query),
    ),
  insertInto: (node) =>
    words('INSERT INTO', printIdentifier(node.target), printWith(node.properties), printQuery(node.query)),
  insertValues: (node) => words('INSERT INTO', printIdentifier(node.target), printValues(node, 'VALUES')),
  dropSource: (node) =>
    words(
      'DROP',
      node.sourceKind,
      node.ifExists && 'IF EXISTS',
      printIdentifier(node.name),
      node.deleteTopic && 'DELETE TOPIC',
    ),
  alterSource: (node) => {
    const additions = node.additions.map(({ name, type }) => `ADD COLUMN ${printIdentifier(name)} ${printType(type)}`);
    return words('ALTER', node.sourceKind, printIdentifier(node.name), additions.join(', '));
  },
  createType: (node) =>
    words('CREATE TYPE', node.ifNotExists && 'IF NOT EXISTS', printIdentifier(node.name), 'AS', printType(node.type)),
  dropType: (node) => words('DROP TYPE', node.ifExists && 'IF EXISTS', printIdentifier(node.name)),
  query: (node) => printQuery(node.query),
  print: (node) =>
    words(
      'PRINT',
      printString(node.topic),
      node.fromBeginning && 'FROM BEGINNING',
      node.interval !== 1 && `INTERVAL ${node.interval}`,
      node.limit !== undefined && `LIMIT ${node.limit}`,
    ),
  explain: (node) =>
    words('EXPLAIN', node.statement ? printText(node.statement.statement) : printIdentifier(node.queryId ?? '')),
  describeSource: (node) => words('DESCRIBE', printIdentifier(node.name), node.extended && 'EXTENDED'),
  describeSources: (node) => words('DESCRIBE', `${node.sourceKind}S`, node.extended && 'EXTENDED'),
  describeFunction: (node) => words('DESCRIBE FUNCTION', printIdentifier(node.name)),
  describeConnector: (node) => words('DESCRIBE CONNECTOR', printIdentifier(node.name)),
  show: (node) => words('SHOW', node.what.replace('_', ' '), node.extended && 'EXTENDED'),
  controlQuery: (node) => words(node.action, node.queryId === undefined ? 'ALL' : printIdentifier(node.queryId)),
  setProperty: (node) => `SET ${printString(node.name)}=${printString(node.value)}`,
  unsetProperty: (node) => `UNSET ${printString(node.name)}`,
  alterSystem: (node) => `ALTER SYSTEM ${printString(node.name)}=${printString(node.value)}`,
  defineVariable: (node) => `DEFINE ${node.name}=${printString(node.value)}`,
  undefineVariable: (node) => `UNDEFINE ${node.name}`,
  createConnector: (node) =>
    words(
      `CREATE ${node.connectorKind} CONNECTOR`,
      node.ifNotExists && 'IF NOT EXISTS',
      printIdentifier(node.name),
      `WITH (${printProperties(node.properties, printString)})`,
    ),
  dropConnector: (node) => words('DROP CONNECTOR', node.ifExists && 'IF EXISTS', printIdentifier(node.name)),
  assertTopic: (node) =>
    words(
      'ASSERT',
      !node.exists && 'NOT EXISTS',
      `TOPIC ${printString(node.topic)}`,
      printWith(node.properties),
      printTimeout(node.timeoutMs),
    ),
  assertSchema: (node) =>
    words(
      'ASSERT',
      !node.exists && 'NOT EXISTS',
      'SCHEMA',
      node.subject !== undefined && `SUBJECT ${printString(node.subject)}`,
      node.id !== undefined && `ID ${node.id}`,
      printTimeout(node.timeoutMs),
    ),
  assertValues: (node) => words('ASSERT VALUES', printIdentifier(node.target), printValues(node, 'VALUES')),
  assertTombstone: (node) => words('ASSERT NULL VALUES', printIdentifier(node.target), printValues(node, 'KEY')),
  assertSource: ({ statement }) =>
    words(
      'ASSERT',
      statement.sourceKind,
      statement.ifNotExists && 'IF NOT EXISTS',
      printIdentifier(statement.name),
      printColumns(statement.columns),
      printWith(statement.properties),
    ),
};

/** A statement as ksqlDB shows it, with its semicolon; parsed again it gives the same tree. */
export function printStatement(statement: Statement): string {
  return `${printText(statement)};`;
}

function printText(statement: Statement): string {
  return (printers[statement.kind] as (node: Statement) => string)(statement);
}

function words(...parts: readonly (string | false)[]): string {
  return parts.filter((part) => part !== false && part !== '').join(' ');
}

const constraints: { readonly [K in ColumnConstraint['kind']]: string } = {
  none: '',
  key: 'KEY',
  primaryKey: 'PRIMARY KEY',
  headers: 'HEADERS',
  header: 'HEADER',
};

function printColumns(columns: readonly ColumnDeclaration[]): string {
  if (columns.length === 0) return '';
  const printed = columns.map(({ name, type, constraint }) => {
    const key = constraint.kind === 'header' ? `(${printString(constraint.key)})` : '';
    return words(printIdentifier(name), printType(type), constraints[constraint.kind] + key);
  });
  return `(${printed.join(', ')})`;
}

function printWith(properties: WithProperties): string {
  // Sorted by name; those of a connector stay in the order they were written in.
  const sorted = new Map([...properties].sort(([a], [b]) => (a < b ? -1 : 1)));
  return sorted.size === 0 ? '' : `WITH (${printProperties(sorted, printPropertyName)})`;
}

function printProperties(properties: WithProperties, printName: (name: string) => string): string {
  return [...properties].map(([name, value]) => `${printName(name)}=${printExpression(value)}`).join(', ');
}

function printPropertyName(name: string): string {
  const printed = printIdentifier(name);
  return printed === name ? name : printString(name);
}

function printValues(
  { columns, values }: { readonly columns: readonly string[]; readonly values: readonly Expression[] },
  word: string,
): string {
  const names = columns.length === 0 ? '' : `(${columns.map(printIdentifier).join(', ')})`;
  return words(names, `${word} (${printList(values)})`);
}

function printTimeout(timeoutMs: number | undefined): string {
  return timeoutMs === undefined ? '' : `TIMEOUT ${printDuration(undefined, timeoutMs)}`;
}
