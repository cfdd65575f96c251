import protobuf from 'protobufjs';
import { must } from '../errors/assert.js';
import { civilFromDays, daysFromCivil } from '../types/civil-date.js';
import { toDecimalType } from '../types/decimal-math.js';
import { Decimal } from '../types/decimal.js';
import { formatType } from '../types/format-type.js';
import type { SqlType, StructField } from '../types/sql-type.js';
import { normalizeBigint, type Row, type SqlArray, type SqlMap, type SqlValue } from '../types/sql-value.js';

const KNOWN_MESSAGES = `
  message Decimal { bytes value = 1; uint32 precision = 2; int32 scale = 3; }
  message Date { int32 year = 1; int32 month = 2; int32 day = 3; }
  message TimeOfDay { int32 hours = 1; int32 minutes = 2; int32 seconds = 3; int32 nanos = 4; }
  message Timestamp { int64 seconds = 1; int32 nanos = 2; }
  message BoolValue { bool value = 1; }
  message Int32Value { int32 value = 1; }
  message Int64Value { int64 value = 1; }
  message DoubleValue { double value = 1; }
  message StringValue { string value = 1; }
  message BytesValue { bytes value = 1; }`;

const SCALARS: { readonly [K in SqlType['kind']]?: readonly [name: string, wrapper: string, absent: SqlValue] } = {
  BOOLEAN: ['bool', 'BoolValue', false],
  INTEGER: ['int32', 'Int32Value', 0],
  BIGINT: ['int64', 'Int64Value', 0],
  DOUBLE: ['double', 'DoubleValue', 0],
  STRING: ['string', 'StringValue', ''],
  BYTES: ['bytes', 'BytesValue', new Uint8Array(0)],
};
const MESSAGES: { readonly [K in SqlType['kind']]?: string } = {
  DECIMAL: 'Decimal',
  DATE: 'Date',
  TIME: 'TimeOfDay',
  TIMESTAMP: 'Timestamp',
};

type Message = Readonly<Record<string, unknown>>;
type Nullable = 'NONE' | 'OPTIONAL' | 'WRAPPER';

/**
 * Protobuf as another program reads and writes it: a `.proto` text of the columns, run by protobufjs. The judge of this engine's own
 * codec, and the writer and reader of conformance cases.
 */
export class ProtobufPeer {
  /** The columns as a `.proto` file; field i of a message is called `f<i>`. */
  readonly protoText: string;
  private readonly type: protobuf.Type;
  private messageCount = 0;
  private readonly definitions: string[] = [];

  constructor(
    private readonly columns: readonly StructField[],
    private readonly nullable: Nullable = 'NONE',
  ) {
    this.define('Row', columns);
    this.protoText = `syntax = "proto3";${KNOWN_MESSAGES}\n${this.definitions.join('\n')}\n`;
    this.type = protobuf.parse(this.protoText).root.lookupType('Row');
  }

  encode(row: Row): Buffer {
    return Buffer.from(this.type.encode(this.type.fromObject(this.toMessage(row, this.columns))).finish());
  }

  /** @throws Error when the bytes are damaged */
  decode(bytes: Uint8Array): Row {
    return this.fromMessage(this.type.decode(bytes) as unknown as Message, this.columns);
  }

  private define(name: string, fields: readonly StructField[]): string {
    const lines = fields.map((field, i) => `${this.declaration(field.type, `f${i + 1}`)} = ${i + 1};`);
    this.definitions.push(`message ${name} { ${lines.join(' ')} }`);
    return name;
  }

  private declaration(type: SqlType, name: string): string {
    if (type.kind === 'ARRAY') return `repeated ${this.typeName(type.element)} ${name}`;
    if (type.kind === 'MAP') {
      if (isProtoMap(type)) return `map<string, ${this.typeName(type.value)}> ${name}`;
      const entry = `M${++this.messageCount}`;
      const value = isList(type.value) ? this.declaration(type.value, 'value') : `${this.typeName(type.value)} value`;
      this.definitions.push(`message ${entry} { ${this.typeName(type.key)} key = 1; ${value} = 2; }`);
      return `repeated ${entry} ${name}`;
    }
    const scalar = SCALARS[type.kind];
    if (scalar && this.nullable === 'WRAPPER') return `${scalar[1]} ${name}`;
    return `${scalar && this.nullable === 'OPTIONAL' ? 'optional ' : ''}${this.typeName(type)} ${name}`;
  }

  private typeName(type: SqlType): string {
    if (type.kind === 'STRUCT') return this.define(`M${++this.messageCount}`, type.fields);
    return must(SCALARS[type.kind]?.[0] ?? MESSAGES[type.kind], `a protobuf type for ${formatType(type)}`);
  }

  private toMessage(row: Row, fields: readonly StructField[]): Message {
    const message: Record<string, unknown> = {};
    for (const [i, { type }] of fields.entries()) {
      const value = row[i] ?? null;
      if (value === null) continue;
      const isWrapped = this.nullable === 'WRAPPER' && SCALARS[type.kind] !== undefined;
      message[`f${i + 1}`] = isWrapped ? { value: this.toNode(value, type) } : this.toNode(value, type);
    }
    return message;
  }

  private toNode(value: SqlValue, type: SqlType): unknown {
    switch (type.kind) {
      case 'BIGINT':
        return String(value);
      case 'DECIMAL': {
        const { unscaled, scale } = value as Decimal;
        return { value: twosComplement(unscaled), precision: type.precision, scale };
      }
      case 'DATE':
        return civilFromDays(value as number);
      case 'TIME': {
        const time = new Date(value as number);
        const [hours, minutes, seconds] = [time.getUTCHours(), time.getUTCMinutes(), time.getUTCSeconds()];
        return { hours, minutes, seconds, nanos: time.getUTCMilliseconds() * 1e6 };
      }
      case 'TIMESTAMP': {
        const seconds = Math.floor((value as number) / 1000);
        return { seconds: String(seconds), nanos: ((value as number) - 1000 * seconds) * 1e6 };
      }
      case 'ARRAY':
        return (value as SqlArray).map((item) => this.toNode(item, type.element));
      case 'MAP': {
        const entries = [...(value as SqlMap)].map(
          ([key, item]) => [this.toNode(key, type.key), this.toNode(item, type.value)] as const,
        );
        return isProtoMap(type) ? Object.fromEntries(entries) : entries.map(([key, item]) => ({ key, value: item }));
      }
      case 'STRUCT':
        return this.toMessage(value as SqlArray, type.fields);
      default:
        return value;
    }
  }

  private fromMessage(message: Message, fields: readonly StructField[]): Row {
    return fields.map(({ type }, i) => {
      const name = `f${i + 1}`;
      const node = Object.hasOwn(message, name) ? message[name] : undefined;
      const scalar = SCALARS[type.kind];
      if (node === undefined || node === null) return absentValue(type, scalar && this.nullable !== 'NONE');
      return this.fromNode(scalar && this.nullable === 'WRAPPER' ? (node as Message)['value'] : node, type);
    });
  }

  private fromNode(node: unknown, type: SqlType): SqlValue {
    const part = (name: string): number => Number((node as Message)[name]);
    switch (type.kind) {
      case 'BIGINT':
        return normalizeBigint(BigInt(String(node)));
      case 'BYTES':
        return Uint8Array.from(node as Uint8Array);
      case 'DECIMAL': {
        const hex = Buffer.from((node as Message)['value'] as Uint8Array).toString('hex');
        const unscaled = BigInt.asIntN(4 * hex.length, BigInt(`0x0${hex}`));
        return toDecimalType(new Decimal(unscaled, part('scale')), type.precision, type.scale);
      }
      case 'DATE':
        return daysFromCivil(part('year'), part('month'), part('day'));
      case 'TIME':
        return ((part('hours') * 60 + part('minutes')) * 60 + part('seconds')) * 1000 + part('nanos') / 1e6;
      case 'TIMESTAMP':
        return part('seconds') * 1000 + part('nanos') / 1e6;
      case 'ARRAY':
        return (node as readonly unknown[]).map((item) => this.fromNode(item, type.element));
      case 'MAP': {
        const entries = isProtoMap(type)
          ? Object.entries(node as Message)
          : (node as readonly Message[]).map((entry) => [entry['key'], entry['value']] as const);
        return new Map(entries.map(([key, item]) => [this.fromNode(key, type.key), this.fromNode(item, type.value)]));
      }
      case 'STRUCT':
        return this.fromMessage(node as Message, type.fields);
      default:
        return node as SqlValue;
    }
  }
}

const isList = (type: SqlType): boolean => type.kind === 'ARRAY' || type.kind === 'MAP';
const isProtoMap = (type: SqlType & { readonly kind: 'MAP' }): boolean =>
  type.key.kind === 'STRING' && !isList(type.value);

function absentValue(type: SqlType, isNullable: boolean | undefined): SqlValue {
  if (type.kind === 'ARRAY') return [];
  if (type.kind === 'MAP') return new Map();
  return isNullable ? null : (SCALARS[type.kind]?.[2] ?? null);
}

/** As many bytes as hold every decimal of a test: leading bytes of the sign are allowed. */
function twosComplement(value: bigint): Buffer {
  return Buffer.from(BigInt.asUintN(256, value).toString(16).padStart(64, '0'), 'hex');
}
