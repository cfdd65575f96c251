import type { FormatInfo } from '../../src/catalog/data-source.js';
import type { Column } from '../../src/catalog/schema.js';
import { ProtobufPeer } from '../../src/testing/protobuf-peer.js';
import { parseDecimal, toDecimalType } from '../../src/types/decimal-math.js';
import { Decimal } from '../../src/types/decimal.js';
import { formatType } from '../../src/types/format-type.js';
import { doubleToText } from '../../src/types/java-double.js';
import type { SqlType, StructField } from '../../src/types/sql-type.js';
import { normalizeBigint, type SqlArray, type SqlMap, type SqlValue } from '../../src/types/sql-value.js';
import { isArray, isObject, JsonDouble, JsonNumber, printExactJson, type ExactJson } from '../exact-json.js';

/** A case's JSON as the protobuf message of the source's columns, written by another implementation of protobuf. */
export function protobufBytes(node: ExactJson, info: FormatInfo, columns: readonly Column[]): Buffer {
  const bare = bareColumn(info, columns);
  if (bare?.type.kind === 'STRUCT') return peerOf(info, bare.type.fields).encode(fieldsOf(node, bare.type.fields));
  return peerOf(info, columns).encode(bare ? [toValue(node, bare.type)] : fieldsOf(node, columns));
}

/** What such bytes say, as a case writes it. */
export function protobufSpec(bytes: Uint8Array, info: FormatInfo, columns: readonly Column[]): ExactJson {
  const bare = bareColumn(info, columns);
  if (bare?.type.kind === 'STRUCT') return toFields(peerOf(info, bare.type.fields).decode(bytes), bare.type.fields);
  const row = peerOf(info, columns).decode(bytes);
  if (bare) return toNode(row[0] ?? null, bare.type);
  // The published harness reads an empty `bytes` column as null.
  return toFields(
    row.map((value) => (value instanceof Uint8Array && value.length === 0 ? null : value)),
    columns,
  );
}

const bareColumn = (info: FormatInfo, columns: readonly Column[]): Column | undefined =>
  info.wrapping === 'UNWRAP_SINGLES' ? columns[0] : undefined;

const peerOf = (info: FormatInfo, fields: readonly StructField[]): ProtobufPeer => {
  const nullable = info.properties['nullableRepresentation']?.toUpperCase();
  return new ProtobufPeer(fields, nullable === 'OPTIONAL' || nullable === 'WRAPPER' ? nullable : 'NONE');
};

/** Fields by name in any case; unknown ones are dropped, missing ones null. */
function fieldsOf(node: ExactJson, fields: readonly StructField[]): SqlArray {
  if (!isObject(node)) throw new Error(`not an object: ${printExactJson(node)}`);
  const byName = new Map([...node].map(([name, value]) => [name.toUpperCase(), value]));
  return fields.map(({ name, type }) => toValue(node.get(name) ?? byName.get(name.toUpperCase()) ?? null, type));
}

function toValue(node: ExactJson, type: SqlType): SqlValue {
  if (node === null) return null;
  if (type.kind === 'STRUCT') return fieldsOf(node, type.fields);
  if (type.kind === 'ARRAY' && isArray(node)) return node.map((item) => toValue(item, type.element));
  if (type.kind === 'MAP' && isObject(node)) {
    return new Map([...node].map(([key, item]) => [toKey(key, type.key), toValue(item, type.value)]));
  }
  const text = node instanceof JsonNumber ? node.text : typeof node === 'string' ? node : undefined;
  if (type.kind === 'BOOLEAN' && typeof node === 'boolean') return node;
  if (text === undefined) throw new Error(`not a ${formatType(type)}: ${printExactJson(node)}`);
  switch (type.kind) {
    case 'STRING':
      return text;
    case 'BYTES':
      return Buffer.from(text, 'base64');
    case 'BIGINT':
      return normalizeBigint(BigInt(text));
    case 'DECIMAL':
      return toDecimalType(parseDecimal(text), type.precision, type.scale);
    default:
      return Number(text);
  }
}

const toKey = (text: string, type: SqlType): SqlValue =>
  type.kind === 'BOOLEAN' ? text === 'true' : toValue(text, type);

function toNode(value: SqlValue, type: SqlType): ExactJson {
  switch (type.kind) {
    case 'STRUCT':
      return value === null ? null : toFields(value as SqlArray, type.fields);
    case 'ARRAY':
      return (value as SqlArray).map((item) => toNode(item, type.element));
    case 'MAP':
      return new Map([...(value as SqlMap)].map(([key, item]) => [String(key), toNode(item, type.value)]));
    case 'DOUBLE':
      return value === null ? null : new JsonDouble(doubleToText(value as number));
    default:
      break;
  }
  if (value instanceof Uint8Array) return Buffer.from(value).toString('base64');
  if (value instanceof Decimal || typeof value === 'number' || typeof value === 'bigint') {
    return new JsonNumber(String(value));
  }
  return value as null | boolean | string;
}

const toFields = (row: SqlArray, fields: readonly StructField[]): ExactJson =>
  new Map(fields.map(({ name, type }, i) => [name, toNode(row[i] ?? null, type)]));
