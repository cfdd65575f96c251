import type { FormatInfo, TopicInfo } from '../../src/catalog/data-source.js';
import type { Column } from '../../src/catalog/schema.js';
import { doubleToText } from '../../src/types/java-double.js';
import { protobufBytes, protobufSpec } from './spec-protobuf.js';
import { JsonNumber, parseExactJson, printExactJson, type ExactJson } from '../exact-json.js';

/** The bytes that a case's JSON stands for in a format, and the JSON that bytes stand for: independent of the engine's own serdes. */
export function specToBytes(node: ExactJson, info: FormatInfo, columns: readonly Column[]): Buffer | null {
  if (node === null || info.format === 'NONE') return null;
  switch (info.format) {
    case 'JSON':
      return Buffer.from(printExactJson(node));
    case 'DELIMITED':
      if (typeof node === 'string') return Buffer.from(node);
      return Buffer.from(printExactJson(node));
    case 'KAFKA':
      return kafkaBytes(node, columns[0]);
    case 'PROTOBUF_NOSR':
      return protobufBytes(node, info, columns);
    default:
      throw new Error(`format ${info.format} is not supported by this suite`);
  }
}

function kafkaBytes(node: ExactJson, column: Column | undefined): Buffer {
  const bytes = Buffer.alloc(8);
  const text = node instanceof JsonNumber ? node.text : String(node);
  switch (column?.type.kind) {
    case 'INTEGER':
      return Buffer.from(bytes.subarray(0, bytes.writeInt32BE(Number(text))));
    case 'BIGINT':
      bytes.writeBigInt64BE(BigInt(text));
      return bytes;
    case 'DOUBLE':
      bytes.writeDoubleBE(Number(text));
      return bytes;
    default:
      return Buffer.from(typeof node === 'string' ? node : printExactJson(node));
  }
}

export function bytesToSpec(bytes: Uint8Array | null, info: FormatInfo, columns: readonly Column[]): ExactJson {
  if (bytes === null || info.format === 'NONE') return null;
  const buffer = Buffer.from(bytes);
  switch (info.format) {
    case 'JSON':
      return parseExactJson(buffer.toString('utf8'));
    case 'KAFKA':
      return kafkaValue(buffer, columns[0]);
    case 'PROTOBUF_NOSR':
      return protobufSpec(buffer, info, columns);
    default:
      return buffer.toString('utf8');
  }
}

function kafkaValue(buffer: Buffer, column: Column | undefined): ExactJson {
  switch (column?.type.kind) {
    case 'INTEGER':
      return new JsonNumber(String(buffer.readInt32BE()));
    case 'BIGINT':
      return new JsonNumber(String(buffer.readBigInt64BE()));
    case 'DOUBLE':
      return new JsonNumber(doubleToText(buffer.readDoubleBE()));
    case 'BYTES':
      return buffer.toString('base64');
    default:
      return buffer.toString('utf8');
  }
}

/** Appends or cuts the window suffix of a key (D.7: start; for sessions end, then start). */
export function withWindow(
  key: Buffer | null,
  window: { readonly start: number; readonly end: number; readonly isSession: boolean },
): Buffer {
  const suffix = Buffer.alloc(window.isSession ? 16 : 8);
  if (window.isSession) {
    suffix.writeBigInt64BE(BigInt(window.end), 0);
    suffix.writeBigInt64BE(BigInt(window.start), 8);
  } else {
    suffix.writeBigInt64BE(BigInt(window.start), 0);
  }
  return Buffer.concat([key ?? Buffer.alloc(0), suffix]);
}

export interface ReadKey {
  readonly bytes: Uint8Array | null;
  readonly window: { readonly start: number; readonly end: number; readonly isSession: boolean } | undefined;
}
export function splitWindow(key: Uint8Array | null, window: TopicInfo['window']): ReadKey {
  if (key === null || !window) return { bytes: key, window: undefined };
  const buffer = Buffer.from(key);
  if (window.type === 'SESSION') {
    const end = Number(buffer.readBigInt64BE(buffer.length - 16));
    const start = Number(buffer.readBigInt64BE(buffer.length - 8));
    return { bytes: buffer.subarray(0, buffer.length - 16), window: { start, end, isSession: true } };
  }
  const start = Number(buffer.readBigInt64BE(buffer.length - 8));
  return {
    bytes: buffer.subarray(0, buffer.length - 8),
    window: { start, end: start + (window.sizeMs ?? 0), isSession: false },
  };
}
