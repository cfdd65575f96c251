import type { ResolvedReference } from '../../ports/schema-registry.js';

/**
 * An Avro schema as a tree. A record stands for itself wherever it is named, so the tree of a recursive schema has cycles.
 *
 * Of the logical types those are known that SQL has; others are what they annotate, as the specification wants it.
 */
export type AvroType =
  AvroPrimitive | AvroNumber | AvroBytes | AvroFixed | AvroEnum | AvroArray | AvroMap | AvroUnion | AvroRecord;

export interface AvroPrimitive {
  readonly kind: 'null' | 'boolean' | 'float' | 'double' | 'string';
}
export type AvroTemporal = 'date' | 'time-millis' | 'time-micros' | 'timestamp-millis' | 'timestamp-micros';
export interface AvroNumber {
  readonly kind: 'int' | 'long';
  readonly logical?: AvroTemporal | undefined;
}
export interface AvroDecimal {
  readonly precision: number;
  readonly scale: number;
}
export interface AvroBytes {
  readonly kind: 'bytes';
  readonly decimal?: AvroDecimal | undefined;
}
export interface AvroFixed {
  readonly kind: 'fixed';
  readonly name: string;
  readonly size: number;
  readonly decimal?: AvroDecimal | undefined;
}
export interface AvroEnum {
  readonly kind: 'enum';
  readonly name: string;
  readonly symbols: readonly string[];
}
export interface AvroArray {
  readonly kind: 'array';
  readonly items: AvroType;
}
export interface AvroMap {
  readonly kind: 'map';
  readonly values: AvroType;
}
export interface AvroUnion {
  readonly kind: 'union';
  readonly branches: readonly AvroType[];
}
export interface AvroField {
  readonly name: string;
  readonly type: AvroType;
  /** JSON; undefined: there is none. */
  readonly default: unknown;
}
export interface AvroRecord {
  readonly kind: 'record';
  /** With its namespace. */
  readonly name: string;
  readonly fields: readonly AvroField[];
  /** Its items are entries of a map, as Connect writes maps. */
  readonly isMapEntry: boolean;
}

/** Types inside one another; more is no schema of records. */
const NESTING_MAX = 200;

/** @throws Error that says what is wrong with the schema, and where */
export function parseAvroSchema(text: string, references: readonly ResolvedReference[] = []): AvroType {
  const parser = new SchemaParser();
  for (const reference of references) parser.parse(jsonOf(reference.text), '', 0);
  return parser.parse(jsonOf(text), '', 0);
}

type Json = Readonly<Record<string, unknown>>;

/** JSON with whole numbers beyond 2^53 as bigint. */
function jsonOf(text: string): unknown {
  const exact = (_key: string, value: unknown, context?: { readonly source?: string }): unknown =>
    typeof value === 'number' && !Number.isSafeInteger(value) && /^-?\d+$/.test(context?.source ?? '')
      ? BigInt(context?.source ?? '')
      : value;
  try {
    return JSON.parse(text, exact) as unknown;
  } catch (error) {
    throw new Error(`The Avro schema is not JSON: ${(error as Error).message}`, { cause: error });
  }
}

const PRIMITIVES: ReadonlyMap<string, AvroType> = new Map<string, AvroType>(
  (['null', 'boolean', 'int', 'long', 'float', 'double', 'string', 'bytes'] as const).map((kind) => [kind, { kind }]),
);

/** Connect's names for what newer writers say by `logicalType`. */
const CONNECT_LOGICAL: Readonly<Record<string, string>> = {
  'org.apache.kafka.connect.data.Date': 'date',
  'org.apache.kafka.connect.data.Time': 'time-millis',
  'org.apache.kafka.connect.data.Timestamp': 'timestamp-millis',
  'org.apache.kafka.connect.data.Decimal': 'decimal',
};

const INT_LOGICAL: ReadonlySet<unknown> = new Set(['date', 'time-millis']);
const LONG_LOGICAL: ReadonlySet<unknown> = new Set(['time-micros', 'timestamp-millis', 'timestamp-micros']);

/** What a decimal has whose schema gives no precision. */
const DECIMAL_PRECISION_DEFAULT = 64;
const DECIMAL_DIGITS_MAX = 1000;

const NAME = /^[A-Za-z_][A-Za-z0-9_]*(\.[A-Za-z_][A-Za-z0-9_]*)*$/;

class SchemaParser {
  private readonly named = new Map<string, AvroType>();

  parse(json: unknown, namespace: string, depth: number): AvroType {
    if (depth > NESTING_MAX) throw new Error(`The Avro schema has types more than ${NESTING_MAX} deep`);
    if (typeof json === 'string') return this.reference(json, namespace);
    if (Array.isArray(json)) return this.union(json, namespace, depth);
    if (typeof json !== 'object' || json === null) throw new Error(`${shown(json)} is no Avro type`);
    const object = json as Json;
    const { type } = object;
    if (typeof type === 'object') return this.parse(type, namespace, depth + 1);
    switch (type) {
      case 'record':
      case 'error':
        return this.record(object, namespace, depth);
      case 'enum': {
        const { symbols } = object;
        if (!Array.isArray(symbols) || symbols.length === 0 || !symbols.every((symbol) => typeof symbol === 'string')) {
          throw new Error(`The Avro enum ${shown(object['name'])} has no list of symbols`);
        }
        return this.define({ kind: 'enum', name: fullName(object, namespace), symbols }, object, namespace);
      }
      case 'fixed': {
        const { size } = object;
        if (typeof size !== 'number' || !Number.isSafeInteger(size) || size < 0) {
          throw new Error(`The Avro type fixed ${shown(object['name'])} has no size`);
        }
        const name = fullName(object, namespace);
        return this.define({ kind: 'fixed', name, size, decimal: decimalOf(object) }, object, namespace);
      }
      case 'array':
        if (!('items' in object)) throw new Error('An Avro array says nothing of its items');
        return { kind: 'array', items: this.parse(object['items'], namespace, depth + 1) };
      case 'map':
        if (!('values' in object)) throw new Error('An Avro map says nothing of its values');
        return { kind: 'map', values: this.parse(object['values'], namespace, depth + 1) };
      case 'bytes':
        return { kind: 'bytes', decimal: decimalOf(object) };
      case 'int':
        return { kind: 'int', logical: temporalOf(object, INT_LOGICAL) };
      case 'long':
        return { kind: 'long', logical: temporalOf(object, LONG_LOGICAL) };
      default:
        if (typeof type !== 'string') throw new Error(`An Avro type lacks its "type": ${shown(json)}`);
        return this.reference(type, namespace);
    }
  }

  private reference(name: string, namespace: string): AvroType {
    const type =
      PRIMITIVES.get(name) ??
      (name.includes('.') || namespace === '' ? undefined : this.named.get(`${namespace}.${name}`)) ??
      this.named.get(name);
    if (type === undefined) throw new Error(`The Avro schema names the type ${shown(name)}, which it does not define`);
    return type;
  }

  private union(branches: readonly unknown[], namespace: string, depth: number): AvroType {
    const types = branches.map((branch) => this.parse(branch, namespace, depth + 1));
    const seen = new Set<string>();
    for (const type of types) {
      if (type.kind === 'union') throw new Error('An Avro union stands in another');
      const name = 'name' in type ? type.name : type.kind;
      if (seen.has(name)) throw new Error(`An Avro union has the branch ${name} twice`);
      seen.add(name);
    }
    if (types.length === 0) throw new Error('An Avro union has no branches');
    return { kind: 'union', branches: types };
  }

  private record(object: Json, outer: string, depth: number): AvroType {
    const name = fullName(object, outer);
    const namespace = namespaceOf(name);
    const fields: AvroField[] = [];
    const names = new Set<string>();
    const isMapEntry = object['connect.internal.type'] === 'MapEntry';
    const record = this.define({ kind: 'record', name, fields, isMapEntry }, object, outer);
    if (!Array.isArray(object['fields'])) throw new Error(`The Avro record ${name} has no list of fields`);
    for (const item of object['fields'] as readonly Json[]) {
      if (typeof item !== 'object' || item === null || typeof item['name'] !== 'string' || !('type' in item)) {
        throw new Error(`A field of the Avro record ${name} lacks its name or type: ${shown(item)}`);
      }
      const field = item['name'];
      if (names.has(field)) throw new Error(`The Avro record ${name} has the field ${field} twice`);
      names.add(field);
      fields.push({ name: field, type: this.parse(item['type'], namespace, depth + 1), default: item['default'] });
    }
    return record;
  }

  /** Under its name and its aliases. */
  private define(type: AvroRecord | AvroEnum | AvroFixed, object: Json, namespace: string): AvroType {
    if (!NAME.test(type.name)) throw new Error(`${shown(type.name)} is no name of an Avro type`);
    if (this.named.has(type.name)) throw new Error(`The Avro schema defines the type ${type.name} twice`);
    this.named.set(type.name, type);
    const aliases = Array.isArray(object['aliases']) ? object['aliases'] : [];
    for (const alias of aliases) {
      if (typeof alias !== 'string') continue;
      const name = fullName({ name: alias }, namespaceOf(type.name) || namespace);
      if (!this.named.has(name)) this.named.set(name, type);
    }
    return type;
  }
}

function fullName(object: Json, outer: string): string {
  const { name, namespace } = object;
  if (typeof name !== 'string') throw new Error(`An Avro type lacks its name: ${shown(object)}`);
  if (name.includes('.')) return name;
  const space = typeof namespace === 'string' ? namespace : outer;
  return space === '' ? name : `${space}.${name}`;
}

function namespaceOf(name: string): string {
  const dot = name.lastIndexOf('.');
  return dot < 0 ? '' : name.slice(0, dot);
}

/** The part of a full name behind its namespace. */
export const simpleName = (name: string): string => name.slice(name.lastIndexOf('.') + 1);

function logicalOf(object: Json): unknown {
  const connect = object['connect.name'];
  return object['logicalType'] ?? (typeof connect === 'string' ? CONNECT_LOGICAL[connect] : undefined);
}

function temporalOf(object: Json, allowed: ReadonlySet<unknown>): AvroTemporal | undefined {
  const logical = logicalOf(object);
  return allowed.has(logical) ? (logical as AvroTemporal) : undefined;
}

/** Undefined for other bytes, and for a decimal that cannot be one, which the specification lets be bytes. */
function decimalOf(object: Json): AvroDecimal | undefined {
  if (logicalOf(object) !== 'decimal') return undefined;
  const parameters = (object['connect.parameters'] ?? {}) as Json;
  const precision = Number(object['precision'] ?? parameters['connect.decimal.precision'] ?? DECIMAL_PRECISION_DEFAULT);
  const scale = Number(object['scale'] ?? parameters['scale'] ?? 0);
  const isDecimal =
    Number.isInteger(precision) &&
    Number.isInteger(scale) &&
    precision >= 1 &&
    precision <= DECIMAL_DIGITS_MAX &&
    scale >= 0 &&
    scale <= precision;
  return isDecimal ? { precision, scale } : undefined;
}

/** A piece of the schema in a message. */
function shown(json: unknown): string {
  const text =
    JSON.stringify(json, (_key, value: unknown) => (typeof value === 'bigint' ? String(value) : value)) ?? '';
  return text.length > 80 ? `${text.slice(0, 80)}…` : text;
}
