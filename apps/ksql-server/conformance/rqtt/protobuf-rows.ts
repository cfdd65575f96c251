import protobuf from 'protobufjs';
import textformat from 'protobufjs/ext/textformat.js';
import { isObject, type ExactJson } from '../../../../libs/ksql-engine/conformance/exact-json.js';

/** The files that a schema may import. */
const IMPORTED = [
  'syntax = "proto3"; package confluent.type; message Decimal { bytes value = 1; uint32 precision = 2; int32 scale = 3; }',
  'syntax = "proto3"; package google.type; message Date { int32 year = 1; int32 month = 2; int32 day = 3; }',
  'syntax = "proto3"; package google.type; message TimeOfDay { int32 hours = 1; int32 minutes = 2; int32 seconds = 3; int32 nanos = 4; }',
  'syntax = "proto3"; package google.protobuf; message Timestamp { int64 seconds = 1; int32 nanos = 2; }',
];

/**
 * The objects of an answer in protobuf with each row as one text, the same for equal messages. Rows are either the bytes of an answer or,
 * in a case, protobuf's text format; both are read with the schema of the header.
 */
export function readProtobufRows(rows: readonly ExactJson[]): readonly ExactJson[] {
  const type = rows.map(schemaOf).find((found) => found !== undefined);
  return rows.map((node) => {
    const row = isObject(node) ? node.get('row') : undefined;
    if (type === undefined || row === undefined) return node;
    return new Map<string, ExactJson>([['row', messageText(type, row)]]);
  });
}

function schemaOf(node: ExactJson): protobuf.Type | undefined {
  const header = isObject(node) ? node.get('header') : undefined;
  const schema = isObject(header) ? header.get('protoSchema') : undefined;
  if (typeof schema !== 'string') return undefined;
  const root = new protobuf.Root();
  for (const text of [...IMPORTED, schema]) protobuf.parse(text, root, { keepCase: true });
  return root.lookupType('ConnectDefault1');
}

function messageText(type: protobuf.Type, row: ExactJson): string {
  const bytes = isObject(row) ? row.get('protobufBytes') : undefined;
  const message =
    typeof bytes === 'string'
      ? type.decode(Buffer.from(bytes, 'base64'))
      : textformat.fromText(type, typeof row === 'string' ? row : '');
  return JSON.stringify(type.toObject(message, { longs: String, bytes: String }), (_name, value: unknown) =>
    Array.isArray(value) && value.every(isEntry) ? value.map((entry) => JSON.stringify(entry)).sort() : value,
  );
}

/** Entries of a map come in any order. */
const isEntry = (item: unknown): boolean =>
  typeof item === 'object' && item !== null && Object.keys(item).every((name) => name === 'key' || name === 'value');
