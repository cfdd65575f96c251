import {
  isArray,
  isObject,
  JsonDouble,
  JsonNumber,
  parseExactJson,
  printExactJson,
  type ExactJson,
} from '../exact-json.js';
import { doubleToText } from '../../src/types/java-double.js';
import { decimalText, memberOf, scaledBy, signedBytes, signedInteger } from './spec-values.js';

/** Avro's binary form of a case's JSON by a schema, and back: independent of the engine's own codec. */
export class AvroSpec {
  readonly #schema: ExactJson;
  readonly #named = new Map<string, ExactJson>();

  constructor(text: string) {
    this.#schema = parseExactJson(text);
    this.#collect(this.#schema);
  }

  encode(node: ExactJson): Buffer {
    const parts: Buffer[] = [];
    this.#write(node, this.#schema, parts);
    return Buffer.concat(parts);
  }

  decode(bytes: Buffer): ExactJson {
    const cursor = { bytes, at: 0 };
    const node = this.#read(this.#schema, cursor);
    if (cursor.at !== bytes.length)
      throw new Error(`${bytes.length - cursor.at} bytes are left behind the Avro record`);
    return node;
  }

  #collect(schema: ExactJson | undefined): void {
    if (isArray(schema)) for (const branch of schema) this.#collect(branch);
    if (!isObject(schema)) return;
    const name = schema.get('name');
    if (typeof name === 'string') this.#named.set(name, schema);
    for (const part of ['type', 'items', 'values']) this.#collect(schema.get(part));
    const fields = schema.get('fields');
    if (isArray(fields)) for (const field of fields) this.#collect(isObject(field) ? field.get('type') : undefined);
  }

  /** A schema with its type's name: types within types and names of records are gone. */
  #plain(schema: ExactJson | undefined): { readonly kind: string; readonly of: ReadonlyMap<string, ExactJson> } {
    if (typeof schema === 'string') {
      const named = this.#named.get(schema) ?? this.#named.get(schema.split('.').at(-1) ?? '');
      return named === undefined ? { kind: schema, of: new Map() } : this.#plain(named);
    }
    if (!isObject(schema)) throw new Error(`no Avro type: ${printExactJson(schema ?? null)}`);
    const type = schema.get('type');
    if (typeof type !== 'string') return this.#plain(type);
    return { kind: type, of: schema };
  }

  #write(node: ExactJson, schema: ExactJson, parts: Buffer[]): void {
    if (isArray(schema)) {
      const branch = schema.findIndex((each) => (each === 'null') === (node === null));
      parts.push(zigZag(BigInt(branch)));
      if (node !== null) this.#write(node, schema[branch] as ExactJson, parts);
      return;
    }
    if (isObject(schema) && isArray(schema.get('type'))) {
      this.#write(node, schema.get('type') as ExactJson, parts);
      return;
    }
    const { kind, of } = this.#plain(schema);
    const text = node instanceof JsonNumber ? node.text : String(node);
    switch (kind) {
      case 'null':
        return;
      case 'boolean':
        parts.push(Buffer.of(node === true ? 1 : 0));
        return;
      case 'int':
      case 'long':
        parts.push(zigZag(BigInt(text)));
        return;
      case 'float':
      case 'double': {
        const bytes = Buffer.alloc(kind === 'float' ? 4 : 8);
        if (kind === 'float') bytes.writeFloatLE(Number(text));
        else bytes.writeDoubleLE(Number(text));
        parts.push(bytes);
        return;
      }
      case 'string':
        parts.push(...sized(Buffer.from(node instanceof JsonNumber ? node.text : String(node))));
        return;
      case 'bytes':
        parts.push(
          ...sized(
            of.get('logicalType') === 'decimal'
              ? signedBytes(scaledBy(text, numberOf(of.get('scale'))))
              : Buffer.from(text, 'base64'),
          ),
        );
        return;
      case 'enum': {
        const symbols = of.get('symbols');
        parts.push(zigZag(BigInt(isArray(symbols) ? symbols.indexOf(text) : 0)));
        return;
      }
      case 'array': {
        const entries = isObject(node) ? [...node].map(([key, value]) => entry(key, value)) : isArray(node) ? node : [];
        if (entries.length > 0) parts.push(zigZag(BigInt(entries.length)));
        for (const each of entries) this.#write(each, of.get('items') ?? null, parts);
        parts.push(zigZag(0n));
        return;
      }
      case 'map': {
        const entries = isObject(node) ? [...node] : [];
        if (entries.length > 0) parts.push(zigZag(BigInt(entries.length)));
        for (const [key, value] of entries) {
          parts.push(...sized(Buffer.from(key)));
          this.#write(value, of.get('values') ?? null, parts);
        }
        parts.push(zigZag(0n));
        return;
      }
      case 'record':
        for (const field of fieldsOf(of)) {
          const value = isObject(node) ? memberOf(node, String(field.get('name'))) : null;
          this.#write(value ?? field.get('default') ?? null, field.get('type') ?? null, parts);
        }
        return;
      default:
        throw new Error(`Avro type ${kind} is not supported by this suite`);
    }
  }

  #read(schema: ExactJson, from: { readonly bytes: Buffer; at: number }): ExactJson {
    if (isArray(schema)) return this.#read(schema[Number(readLong(from))] as ExactJson, from);
    if (isObject(schema) && isArray(schema.get('type'))) return this.#read(schema.get('type') as ExactJson, from);
    const { kind, of } = this.#plain(schema);
    const take = (length: number): Buffer => {
      if (from.at + length > from.bytes.length) throw new Error('the Avro record ends too soon');
      return from.bytes.subarray(from.at, (from.at += length));
    };
    switch (kind) {
      case 'null':
        return null;
      case 'boolean':
        return take(1)[0] === 1;
      case 'int':
      case 'long':
        return new JsonNumber(String(readLong(from)));
      case 'float':
        return new JsonDouble(doubleToText(take(4).readFloatLE()));
      case 'double':
        return new JsonDouble(doubleToText(take(8).readDoubleLE()));
      case 'string':
        return take(Number(readLong(from))).toString('utf8');
      case 'bytes': {
        const bytes = take(Number(readLong(from)));
        if (of.get('logicalType') !== 'decimal') return bytes.toString('base64');
        return new JsonNumber(decimalText(signedInteger(bytes), numberOf(of.get('scale'))));
      }
      case 'enum': {
        const symbols = of.get('symbols');
        return (isArray(symbols) ? symbols[Number(readLong(from))] : null) ?? null;
      }
      case 'array': {
        const items = this.#blocks(from, () => this.#read(of.get('items') ?? null, from));
        const element = of.get('items');
        return !isArray(element) && isMapEntry(this.#plain(element).of) ? mapOf(items) : items;
      }
      case 'map': {
        const entries = this.#blocks(from, () => {
          const key = take(Number(readLong(from))).toString('utf8');
          return [key, this.#read(of.get('values') ?? null, from)] as const;
        });
        return new Map(entries);
      }
      case 'record':
        return new Map(
          fieldsOf(of).map((field) => [String(field.get('name')), this.#read(field.get('type') ?? null, from)]),
        );
      default:
        throw new Error(`Avro type ${kind} is not supported by this suite`);
    }
  }

  #blocks<T>(from: { readonly bytes: Buffer; at: number }, read: () => T): T[] {
    const items: T[] = [];
    for (let count = Number(readLong(from)); count !== 0; count = Number(readLong(from))) {
      if (count < 0) readLong(from);
      for (let i = 0; i < Math.abs(count); i++) items.push(read());
    }
    return items;
  }
}

const fieldsOf = (record: ReadonlyMap<string, ExactJson>): readonly ReadonlyMap<string, ExactJson>[] => {
  const fields = record.get('fields');
  return isArray(fields) ? fields.filter(isObject) : [];
};

const numberOf = (node: ExactJson | undefined): number => (node instanceof JsonNumber ? Number(node.text) : 0);
const entry = (key: string, value: ExactJson): ExactJson =>
  new Map([
    ['key', key],
    ['value', value],
  ]);

/** A record of two fields that stands for an entry of a map. */
function isMapEntry(record: ReadonlyMap<string, ExactJson>): boolean {
  const names = fieldsOf(record).map((field) => String(field.get('name')));
  return record.get('connect.internal.type') === 'MapEntry' || names.join() === 'key,value';
}

const mapOf = (entries: readonly ExactJson[]): ExactJson =>
  new Map(entries.filter(isObject).map((each) => [String(each.get('key')), each.get('value') ?? null]));

const sized = (bytes: Buffer): readonly Buffer[] => [zigZag(BigInt(bytes.length)), bytes];

function zigZag(value: bigint): Buffer {
  let rest = BigInt.asUintN(64, (value << 1n) ^ (value >> 63n));
  const bytes: number[] = [];
  for (; rest > 127n; rest >>= 7n) bytes.push(Number(rest & 127n) | 128);
  bytes.push(Number(rest));
  return Buffer.from(bytes);
}

function readLong(from: { readonly bytes: Buffer; at: number }): bigint {
  let value = 0n;
  for (let shift = 0n; ; shift += 7n) {
    const byte = from.bytes[from.at++];
    if (byte === undefined) throw new Error('the Avro record ends too soon');
    value |= BigInt(byte & 127) << shift;
    if (byte < 128) return (value >> 1n) ^ -(value & 1n);
  }
}
