import type { ResolvedReference } from '../../ports/schema-registry.js';

/**
 * A JSON schema, as far as it says what values are: which keywords limit their size or spelling is of no matter here. What a `$ref` names
 * is there as `target`, so that schemas may contain themselves.
 */
export type JsonType =
  | { readonly kind: 'null' | 'any' }
  | JsonScalar
  | { readonly kind: 'array'; readonly items: JsonType; readonly isMap: boolean }
  | { readonly kind: 'map'; readonly values: JsonType }
  | JsonObject
  | { readonly kind: 'union'; readonly branches: readonly JsonType[] }
  | JsonReference;

export interface JsonScalar {
  readonly kind: 'boolean' | 'integer' | 'number' | 'string';
  /** Connect's `connect.type`, such as `int32`. */
  readonly connectType: string | undefined;
  /** Connect's name of a logical type, such as `org.apache.kafka.connect.data.Date`. */
  readonly title: string | undefined;
  readonly parameters: Readonly<Record<string, unknown>>;
  /** The only texts that are allowed. */
  readonly texts: readonly string[] | undefined;
}
export interface JsonProperty {
  readonly name: string;
  readonly type: JsonType;
  readonly isRequired: boolean;
  /** JSON; undefined: there is none. */
  readonly default: unknown;
}
export interface JsonObject {
  readonly kind: 'object';
  readonly properties: readonly JsonProperty[];
}
export interface JsonReference {
  readonly kind: 'ref';
  readonly name: string;
  target(): JsonType;
}

/** Schemas inside one another; more is none of records. */
const NESTING_MAX = 200;

/** @throws Error that says what is wrong with the schema */
export function parseJsonSchema(text: string, references: readonly ResolvedReference[] = []): JsonType {
  const documents = new Map(references.map((reference) => [reference.name, jsonOf(reference.text)]));
  return new SchemaParser(documents).document('', jsonOf(text));
}

/** What a type is behind the references that lead to it. @throws Error when they lead nowhere */
export function resolved(type: JsonType): Exclude<JsonType, JsonReference> {
  let current = type;
  for (let i = 0; current.kind === 'ref'; i++) {
    if (i > NESTING_MAX) throw new Error(`The JSON schema refers to ${current.name}, which refers to itself`);
    current = current.target();
  }
  return current;
}

type Json = Readonly<Record<string, unknown>>;

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch (error) {
    throw new Error(`The JSON schema is not JSON: ${(error as Error).message}`, { cause: error });
  }
}

const ANY: JsonType = { kind: 'any' };
const isObject = (json: unknown): json is Json => typeof json === 'object' && json !== null && !Array.isArray(json);

class SchemaParser {
  /** By document and pointer. */
  private readonly targets = new Map<string, JsonType>();
  /** References that are being followed; a type of all of itself would never end. */
  private following = 0;

  constructor(private readonly documents: Map<string, unknown>) {}

  /** @param name of the document, '' for the outermost */
  document(name: string, json: unknown): JsonType {
    this.documents.set(name, json);
    // A text may speak of itself, and of others, by the name that each gives itself.
    for (const each of [...this.documents.values()]) {
      const id = isObject(each) ? each['$id'] : undefined;
      if (typeof id === 'string' && !this.documents.has(bare(id))) this.documents.set(bare(id), each);
    }
    return this.parse(json, name, 0);
  }

  private parse(json: unknown, document: string, depth: number): JsonType {
    if (depth > NESTING_MAX) throw new Error(`The JSON schema has types more than ${NESTING_MAX} deep`);
    if (json === true) return ANY;
    if (!isObject(json)) throw new Error(`${JSON.stringify(json)?.slice(0, 80)} is no JSON schema`);
    if (typeof json['$ref'] === 'string') return this.reference(json['$ref'], document);
    const parsed = (items: readonly unknown[]): JsonType[] =>
      items.map((item) => this.parse(item, document, depth + 1));
    const listed = json['oneOf'] ?? json['anyOf'];
    const alternatives = Array.isArray(listed) ? parsed(listed) : undefined;
    const own = this.own(json, document, depth, alternatives !== undefined);
    const parts = Array.isArray(json['allOf']) ? parsed(json['allOf']) : [];
    if (own === undefined && alternatives !== undefined) return allOf([union(alternatives), ...parts]);
    return allOf([...(own === undefined ? [] : [own]), ...parts, ...optional(alternatives ?? [])]);
  }

  /** What a schema says of its values itself, beside what others say that it names; undefined: nothing. */
  private own(json: Json, document: string, depth: number, hasAlternatives: boolean): JsonType | undefined {
    const { type, properties } = json;
    if (Array.isArray(type)) return union(type.map((item) => this.typed(item, json, document, depth)));
    // The alternatives of an object say what is in it, unless it says so itself.
    if (type === 'object' && hasAlternatives && !isObject(properties)) return undefined;
    if (type !== undefined) return this.typed(type, json, document, depth);
    if (isObject(properties)) return this.typed('object', json, document, depth);
    return Array.isArray(json['enum']) || 'const' in json ? this.typed('string', json, document, depth) : undefined;
  }

  private typed(type: unknown, json: Json, document: string, depth: number): JsonType {
    switch (type) {
      case 'null':
        return { kind: 'null' };
      case 'boolean':
      case 'integer':
      case 'number':
      case 'string':
        return scalar(type, json);
      case 'array': {
        const { items } = json;
        const isMap = json['connect.type'] === 'map';
        const item = isObject(items) || items === true ? this.parse(items, document, depth + 1) : ANY;
        return { kind: 'array', items: item, isMap };
      }
      case 'object': {
        const { properties, additionalProperties } = json;
        const hasProperties = isObject(properties) && Object.keys(properties).length > 0;
        const isMap = json['connect.type'] === 'map' || (!hasProperties && isObject(additionalProperties));
        if (!isMap) return this.object(isObject(properties) ? properties : {}, json, document, depth);
        const values = isObject(additionalProperties) ? this.parse(additionalProperties, document, depth + 1) : ANY;
        return { kind: 'map', values };
      }
      default:
        throw new Error(`A JSON schema has no type ${JSON.stringify(type)}`);
    }
  }

  private object(properties: Json, json: Json, document: string, depth: number): JsonType {
    const required = Array.isArray(json['required']) ? json['required'] : [];
    const indexOf = (property: unknown): number => {
      const index = isObject(property) ? property['connect.index'] : undefined;
      return typeof index === 'number' ? index : Number.MAX_SAFE_INTEGER;
    };
    const allowed = Object.entries(properties).filter(([, property]) => property !== false);
    const entries = allowed.sort(([, a], [, b]) => indexOf(a) - indexOf(b));
    return {
      kind: 'object',
      properties: entries.map(([name, property]) => ({
        name,
        type: this.parse(property, document, depth + 1),
        isRequired: required.includes(name),
        default: isObject(property) ? property['default'] : undefined,
      })),
    };
  }

  private reference(ref: string, from: string): JsonType {
    const [base = '', pointer = ''] = ref.split('#', 2);
    const document = base === '' ? from : base;
    const key = `${document}#${pointer}`;
    const target = (): JsonType => {
      const known = this.targets.get(key);
      if (known !== undefined) return known;
      if (!this.documents.has(document))
        throw new Error(`The JSON schema refers to ${ref}, which is not registered with it`);
      if (this.following > NESTING_MAX) throw new Error(`The JSON schema refers to ${ref}, which refers to itself`);
      this.following++;
      try {
        const type = this.parse(pointedAt(this.documents.get(document), pointer, ref), document, 0);
        this.targets.set(key, type);
        return type;
      } finally {
        this.following--;
      }
    };
    return { kind: 'ref', name: ref, target };
  }
}

/** The name of a text without the empty fragment that may end it. */
const bare = (id: string): string => id.replace(/#$/, '');

/** The part of a text that a name without slashes stands for: one that says that it is called so. */
function anchored(json: unknown, anchor: string): unknown {
  const left: unknown[] = [json];
  for (let item = left.pop(); item !== undefined; item = left.pop()) {
    if (isObject(item) && (item['$anchor'] === anchor || item['$id'] === `#${anchor}`)) return item;
    if (typeof item === 'object' && item !== null) {
      for (const inner of Object.values(item)) if (typeof inner === 'object' && inner !== null) left.push(inner);
    }
  }
  return undefined;
}

function pointedAt(json: unknown, pointer: string, ref: string): unknown {
  let current = json;
  if (pointer !== '' && !pointer.startsWith('/')) {
    current = anchored(json, decodeURIComponent(pointer));
    if (current === undefined) throw new Error(`The JSON schema refers to ${ref}, which it does not define`);
    return current;
  }
  for (const step of pointer.split('/').slice(1)) {
    const name = decodeURIComponent(step).replace(/~1/g, '/').replace(/~0/g, '~');
    const container: unknown = current;
    const inner = Array.isArray(container) ? (container as unknown[])[Number(name)] : undefined;
    current = isObject(container) && Object.hasOwn(container, name) ? container[name] : inner;
    if (current === undefined) throw new Error(`The JSON schema refers to ${ref}, which it does not define`);
  }
  return current;
}

function scalar(kind: JsonScalar['kind'], json: Json): JsonType {
  const text = (name: string): string | undefined => (typeof json[name] === 'string' ? json[name] : undefined);
  const texts = 'const' in json ? [json['const']] : json['enum'];
  const parameters = json['connect.parameters'];
  return {
    kind,
    connectType: text('connect.type'),
    title: text('title') ?? text('connect.name'),
    parameters: isObject(parameters) ? parameters : {},
    texts: Array.isArray(texts) ? texts.filter((item): item is string => typeof item === 'string') : undefined,
  };
}

/** One alternative is no union. */
function union(branches: readonly JsonType[]): JsonType {
  const [only] = branches;
  return branches.length === 1 && only !== undefined ? only : { kind: 'union', branches };
}

/** Objects of which one is met: their properties may be there or not. Other types say nothing beside what must be met. */
function optional(alternatives: readonly JsonType[]): readonly JsonType[] {
  return alternatives.map(resolved).flatMap((type): JsonType[] => {
    if (type.kind !== 'object') return [];
    return [{ kind: 'object', properties: type.properties.map((property) => ({ ...property, isRequired: false })) }];
  });
}

/**
 * Objects that must all be met have the properties of each, of two of a name the first; of other types the first that says anything counts.
 */
function allOf(parts: readonly JsonType[]): JsonType {
  const [only] = parts;
  if (only !== undefined && parts.length === 1) return only;
  const types = parts.map(resolved);
  const first = types.find(({ kind }) => kind !== 'any') ?? ANY;
  if (first.kind === 'union') {
    const others = types.filter((type) => type !== first && type.kind === 'object');
    const met = (branch: JsonType): JsonType =>
      resolved(branch).kind === 'object' ? allOf([branch, ...others]) : branch;
    return others.length === 0 ? first : { kind: 'union', branches: first.branches.map(met) };
  }
  if (first.kind !== 'object') return first;
  const properties = new Map<string, JsonProperty>();
  for (const type of types) {
    if (type.kind !== 'object') continue;
    for (const property of type.properties) {
      const known = properties.get(property.name);
      properties.set(property.name, {
        ...(known ?? property),
        isRequired: property.isRequired || known?.isRequired === true,
      });
    }
  }
  return { kind: 'object', properties: [...properties.values()] };
}
