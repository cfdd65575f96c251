import type { KsqlEntity } from '@isobar/ksql-client';
import { AlignedRows } from './aligned-rows.js';
import { cellText, valueJson } from './value-text.js';

type Fields = Readonly<Record<string, unknown>>;

/** The lists that entities hold, and the fields of an item that a table shows. */
const tables: Readonly<Record<string, { readonly list: string; readonly fields: readonly string[] }>> = {
  streams: { list: 'streams', fields: ['name', 'topic', 'keyFormat', 'valueFormat', 'isWindowed'] },
  tables: { list: 'tables', fields: ['name', 'topic', 'keyFormat', 'valueFormat', 'isWindowed'] },
  queries: { list: 'queries', fields: ['id', 'queryType', 'state', 'sinks', 'queryString'] },
  kafka_topics: { list: 'topics', fields: ['name', 'replicaInfo'] },
  kafka_topics_extended: { list: 'topics', fields: ['name', 'replicaInfo', 'consumerCount', 'consumerGroupCount'] },
  function_names: { list: 'functions', fields: ['name', 'type', 'category'] },
  properties: { list: 'properties', fields: ['name', 'scope', 'value'] },
  variables: { list: 'variables', fields: ['name', 'value'] },
  connector_list: { list: 'connectors', fields: ['name', 'type', 'className', 'state'] },
};

/** An answer of the server as lines: a table, a sentence, or its fields. */
export function entityLines(entity: KsqlEntity): string[] {
  const lines: string[] = entity.warnings.map(({ message }) => `warning: ${message}`);
  const type = entity['@type'];
  const table = tables[type];
  if (table !== undefined) return [...lines, ...tableLines(table.fields, asList(entity[table.list]))];
  if (type === 'currentStatus')
    return [...lines, String((entity['commandStatus'] as Fields | undefined)?.['message'] ?? '')];
  if (type === 'warning_entity') return [...lines, String(entity['message'])];
  if (type === 'sourceDescription') return [...lines, ...describedLines(entity['sourceDescription'] as Fields)];
  if (type === 'source_descriptions') {
    return [...lines, ...asList(entity['sourceDescriptions']).flatMap((each) => [...describedLines(each), ''])];
  }
  const shown = Object.entries(entity).filter(([name]) => !['@type', 'statementText', 'warnings'].includes(name));
  const fields = shown.flatMap(([, value]) => (isPlain(value) ? Object.entries(value) : []));
  return [...lines, ...pairLines(fields.length > 0 ? fields : shown)];
}

function describedLines(source: Fields): string[] {
  const columns = asList(source['fields']).map((field) => ({
    column: field['name'],
    type: schemaText(field['schema'] as Fields),
    kind: field['type'] ?? '',
  }));
  const head = `${String(source['name'])}: ${String(source['type'])} on topic ${String(source['topic'])} (key ${String(source['keyFormat'])}, value ${String(source['valueFormat'])})`;
  return [head, ...tableLines(['column', 'type', 'kind'], columns)];
}

function schemaText(schema: Fields): string {
  const type = String(schema['type']);
  const member = schema['memberSchema'] as Fields | null | undefined;
  if (type === 'ARRAY' && member) return `ARRAY<${schemaText(member)}>`;
  if (type === 'MAP' && member) return `MAP<STRING, ${schemaText(member)}>`;
  if (type === 'STRUCT') {
    return `STRUCT<${asList(schema['fields'])
      .map((field) => `${String(field['name'])} ${schemaText(field['schema'] as Fields)}`)
      .join(', ')}>`;
  }
  const { precision, scale } = (schema['parameters'] ?? {}) as Fields;
  return type === 'DECIMAL' && precision !== undefined ? `DECIMAL(${String(precision)}, ${String(scale)})` : type;
}

function tableLines(fields: readonly string[], items: readonly Fields[]): string[] {
  const lines: string[] = [];
  const rows = new AlignedRows(fields, (line) => lines.push(line));
  for (const item of items) rows.add(fields.map((field) => fieldText(item[field])));
  rows.flush();
  return lines;
}

const pairLines = (pairs: readonly (readonly [string, unknown])[]): string[] =>
  pairs.map(([name, value]) => `${name}: ${typeof value === 'string' ? value : valueJson(value)}`);

const fieldText = (value: unknown): string => {
  if (typeof value === 'string') return cellText(value);
  if (Array.isArray(value) && value.every((item) => typeof item === 'string')) return value.join(', ');
  return value === undefined || value === null ? '' : valueJson(value);
};
const isPlain = (value: unknown): value is Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
const asList = (value: unknown): readonly Fields[] => (Array.isArray(value) ? value.filter(isPlain) : []);
