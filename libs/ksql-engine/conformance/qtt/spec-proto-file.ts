import protobuf from 'protobufjs';
import { civilFromDays, daysFromCivil } from '../../src/types/civil-date.js';
import { doubleToText } from '../../src/types/java-double.js';
import type { ResolvedReference } from '../../src/ports/schema-registry.js';
import { isArray, isObject, JsonDouble, JsonNumber, type ExactJson } from '../exact-json.js';
import { decimalText, memberOf, scaledBy, signedBytes, signedInteger } from './spec-values.js';

/** Messages that any schema may import without saying where they are. */
const KNOWN_FILES = [
  'package confluent.type; message Decimal { bytes value = 1; uint32 precision = 2; int32 scale = 3; }',
  'package google.type; message Date { int32 year = 1; int32 month = 2; int32 day = 3; }',
  'package google.type; message TimeOfDay { int32 hours = 1; int32 minutes = 2; int32 seconds = 3; int32 nanos = 4; }',
  'package google.protobuf; message Timestamp { int64 seconds = 1; int32 nanos = 2; }',
  `package google.protobuf; message BoolValue { bool value = 1; } message Int32Value { int32 value = 1; }
   message Int64Value { int64 value = 1; } message DoubleValue { double value = 1; } message FloatValue { float value = 1; }
   message StringValue { string value = 1; } message BytesValue { bytes value = 1; } message UInt32Value { uint32 value = 1; }
   message UInt64Value { uint64 value = 1; }`,
];
const LONGS: ReadonlySet<string> = new Set(['int64', 'uint64', 'sint64', 'fixed64', 'sfixed64']);

type Message = Readonly<Record<string, unknown>>;

/** A case's JSON as a message of a `.proto` file, and back, by another implementation of protobuf. */
export class ProtoFileSpec {
  readonly #type: protobuf.Type;
  /** Where the message stands among those of its file. */
  readonly #index: number;

  /** @param name which message of the file; the first when undefined */
  constructor(text: string, references: readonly ResolvedReference[], name: string | undefined) {
    const root = new protobuf.Root();
    const options = { keepCase: true };
    for (const file of KNOWN_FILES) protobuf.parse(`syntax = "proto3"; ${file}`, root, options);
    for (const { text: imported } of references) protobuf.parse(imported, root, options);
    const before = new Set(messagesIn(root));
    protobuf.parse(text, root, options);
    root.resolveAll();
    const own = messagesIn(root).filter((type) => !before.has(type));
    this.#index =
      name === undefined ? 0 : own.findIndex((type) => type.fullName.slice(1) === name || type.name === name);
    const type = own[this.#index];
    if (type === undefined) throw new Error(`no message ${name ?? ''} in ${text}`);
    this.#type = type;
  }

  /** With the message's index before it. */
  encode(node: ExactJson): Buffer {
    const message = this.#type.encode(this.#type.fromObject(this.#toMessage(node, this.#type))).finish();
    const index = this.#index === 0 ? Buffer.of(0) : Buffer.of(2, 2 * this.#index);
    return Buffer.concat([index, message]);
  }

  decode(bytes: Buffer): ExactJson {
    const isFirst = bytes[0] === 0;
    const index = isFirst ? 0 : (bytes[1] ?? 0) / 2;
    if (index !== this.#index) throw new Error(`message ${index} of the file was written, not ${this.#index}`);
    return this.#fromMessage(this.#type.decode(bytes.subarray(isFirst ? 1 : 2)) as unknown as Message, this.#type);
  }

  #toMessage(node: ExactJson, type: protobuf.Type): Message {
    const message: Record<string, unknown> = {};
    if (!isObject(node)) return message;
    for (const field of type.fieldsArray) {
      const value = memberOf(node, field.name) ?? null;
      if (value === null) continue;
      if (field instanceof protobuf.MapField) {
        const entries = isObject(value) ? [...value] : [];
        message[field.name] = Object.fromEntries(entries.map(([key, item]) => [key, this.#toNode(item, field)]));
      } else if (field.repeated) {
        message[field.name] = isArray(value) ? value.map((item) => this.#toNode(item, field)) : entriesOf(value, field);
      } else message[field.name] = this.#toNode(value, field);
    }
    return message;
  }

  #toNode(value: ExactJson, { resolvedType, type: name }: protobuf.FieldBase): unknown {
    const text = value instanceof JsonNumber ? value.text : typeof value === 'string' ? value : '';
    if (resolvedType instanceof protobuf.Type) {
      const known = toKnownMessage(resolvedType.fullName.slice(1), text);
      if (known !== undefined) return known;
      if (isWrapper(resolvedType))
        return { value: this.#toNode(value, resolvedType.fields['value'] as protobuf.Field) };
      return this.#toMessage(value, resolvedType);
    }
    if (resolvedType instanceof protobuf.Enum) return resolvedType.values[text];
    if (name === 'bytes') return Buffer.from(text, 'base64');
    if (name === 'string' || LONGS.has(name)) return text;
    return value instanceof JsonNumber ? Number(text) : value;
  }

  #fromMessage(message: Message, type: protobuf.Type): ExactJson {
    return new Map(type.fieldsArray.map((field) => [field.name, this.#fromField(message, field.resolve())]));
  }

  #fromField(message: Message, field: protobuf.Field): ExactJson {
    const isThere = Object.hasOwn(message, field.name) && message[field.name] !== null;
    const value = message[field.name];
    if (field instanceof protobuf.MapField) {
      return new Map(Object.entries((value ?? {}) as Message).map(([key, item]) => [key, this.#fromNode(item, field)]));
    }
    if (field.repeated) {
      const items = ((value ?? []) as readonly unknown[]).map((item) => this.#fromNode(item, field));
      return field.resolvedType instanceof protobuf.Type && isEntry(field.resolvedType) ? mapOf(items) : items;
    }
    const isScalar = !(field.resolvedType instanceof protobuf.Type);
    // A real oneof, or the one that `optional` makes.
    if (!isThere && (!isScalar || field.partOf !== null)) return null;
    return this.#fromNode(value, field);
  }

  #fromNode(value: unknown, { resolvedType, type: name }: protobuf.FieldBase): ExactJson {
    if (resolvedType instanceof protobuf.Type) {
      const message = value as Message;
      const known = fromKnownMessage(resolvedType.fullName.slice(1), message);
      if (known !== undefined) return known;
      if (isWrapper(resolvedType)) {
        const inner = resolvedType.fields['value'] as protobuf.Field;
        return this.#fromNode(message['value'], inner.resolve());
      }
      return this.#fromMessage(message, resolvedType);
    }
    if (resolvedType instanceof protobuf.Enum) return resolvedType.valuesById[Number(value)] ?? null;
    if (name === 'bytes') {
      const bytes = Buffer.from(value as Uint8Array);
      // The published harness reads empty bytes as null.
      return bytes.length === 0 ? null : bytes.toString('base64');
    }
    if (name === 'double' || name === 'float') return new JsonDouble(doubleToText(Number(value)));
    if (name === 'string') return value as string;
    return typeof value === 'boolean' ? value : new JsonNumber(String(value));
  }
}

function messagesIn(namespace: protobuf.NamespaceBase): readonly protobuf.Type[] {
  return namespace.nestedArray.flatMap((each) => {
    if (each instanceof protobuf.Type) return [each];
    return each instanceof protobuf.Namespace ? messagesIn(each) : [];
  });
}

const isWrapper = (type: protobuf.Type): boolean => /^\.google\.protobuf\.\w+Value$/.test(type.fullName);
const isEntry = ({ fieldsArray }: protobuf.Type): boolean => fieldsArray.map(({ name }) => name).join() === 'key,value';

const entriesOf = (value: ExactJson, { resolvedType }: protobuf.Field): unknown =>
  isObject(value) && resolvedType instanceof protobuf.Type
    ? [...value].map(([key, item]) => ({ key, value: item instanceof JsonNumber ? Number(item.text) : item }))
    : [];

const mapOf = (entries: readonly ExactJson[]): ExactJson =>
  new Map(entries.filter(isObject).map((each) => [String(each.get('key')), each.get('value') ?? null]));

function toKnownMessage(name: string, text: string): Message | undefined {
  const ms = Number(text);
  switch (name) {
    case 'confluent.type.Decimal': {
      const scale = text.split('.')[1]?.length ?? 0;
      return { value: signedBytes(scaledBy(text, scale)), precision: text.replace(/\D/g, '').length, scale };
    }
    case 'google.type.Date':
      return { ...civilFromDays(ms) };
    case 'google.type.TimeOfDay': {
      const time = new Date(ms);
      return {
        hours: time.getUTCHours(),
        minutes: time.getUTCMinutes(),
        seconds: time.getUTCSeconds(),
        nanos: time.getUTCMilliseconds() * 1e6,
      };
    }
    case 'google.protobuf.Timestamp': {
      const seconds = Math.floor(ms / 1000);
      return { seconds: String(seconds), nanos: (ms - 1000 * seconds) * 1e6 };
    }
    default:
      return undefined;
  }
}

function fromKnownMessage(name: string, message: Message): JsonNumber | undefined {
  const part = (field: string): number => Number(message[field]);
  const integer = (value: number): JsonNumber => new JsonNumber(String(value));
  switch (name) {
    case 'confluent.type.Decimal':
      return new JsonNumber(decimalText(signedInteger(message['value'] as Uint8Array), part('scale')));
    case 'google.type.Date':
      return integer(daysFromCivil(part('year'), part('month'), part('day')));
    case 'google.type.TimeOfDay':
      return integer(((part('hours') * 60 + part('minutes')) * 60 + part('seconds')) * 1000 + part('nanos') / 1e6);
    case 'google.protobuf.Timestamp':
      return integer(part('seconds') * 1000 + part('nanos') / 1e6);
    default:
      return undefined;
  }
}
