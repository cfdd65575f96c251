import { readdir, readFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import type { SchemaType } from '../../src/ports/schema-registry.js';
import { isArray, isObject, JsonNumber, parseExactJson, printExactJson, type ExactJson } from '../exact-json.js';

/** One runnable case: formats and property variants are already expanded. */
export interface QttCase {
  readonly file: string;
  readonly name: string;
  readonly statements: readonly string[];
  readonly properties: ReadonlyMap<string, string>;
  readonly topics: readonly QttTopic[];
  readonly inputs: readonly QttRecord[];
  readonly outputs: readonly QttRecord[];
  readonly expectedException: QttException | undefined;
  readonly post: ReadonlyMap<string, ExactJson> | undefined;
}
export interface QttTopic {
  readonly name: string;
  readonly partitions: number;
  readonly keySchema: QttSchema | undefined;
  readonly valueSchema: QttSchema | undefined;
}
/** A schema that is registered before the statements run. */
export interface QttSchema {
  readonly type: SchemaType;
  readonly text: string;
  /** The next free one when undefined. */
  readonly id: number | undefined;
  readonly references: readonly { readonly name: string; readonly schema: QttSchema }[];
}
export interface QttRecord {
  readonly topic: string;
  readonly key: ExactJson;
  readonly value: ExactJson;
  readonly timestamp: number | undefined;
  readonly window: { readonly start: number; readonly end: number; readonly isSession: boolean } | undefined;
  readonly headers: readonly { readonly key: string; readonly value: Buffer | null }[];
}
export interface QttException {
  readonly type: string | undefined;
  readonly message: string | undefined;
  readonly causeMessage: string | undefined;
}

type Fields = ReadonlyMap<string, ExactJson>;

/** All enabled cases of a folder, expanded, in file order. */
export async function loadQttCases(folder: string): Promise<readonly QttCase[]> {
  const files = (await readdir(folder)).filter((file) => file.endsWith('.json')).sort();
  const cases: QttCase[] = [];
  for (const file of files) {
    const tree = parseExactJson(await readFile(join(folder, file), 'utf8'));
    const tests = isObject(tree) ? tree.get('tests') : undefined;
    if (!isArray(tests)) throw new Error(`${file}: no list "tests"`);
    for (const test of tests) if (isObject(test)) cases.push(...expand(basename(file), test));
  }
  return cases;
}

function expand(file: string, test: Fields): QttCase[] {
  if (test.get('enabled') === false) return [];
  const formats = texts(test.get('format'));
  const configs = texts(test.get('config'));
  const cases: QttCase[] = [];
  for (const format of formats.length > 0 ? formats : [undefined]) {
    for (const config of configs.length > 0 ? configs : [undefined]) cases.push(one(file, test, format, config));
  }
  return cases;
}

function one(file: string, test: Fields, format: string | undefined, config: string | undefined): QttCase {
  const properties = new Map<string, string>();
  let suffix = format === undefined ? '' : ` - ${format}`;
  for (const [name, value] of fields(test.get('properties'))) {
    const text = value instanceof JsonNumber ? value.text : String(value);
    const isVariant = config !== undefined && text.toUpperCase() === '{CONFIG}';
    if (isVariant) suffix += ` - ${name}=${config}`;
    properties.set(name, isVariant ? config : text);
  }
  const exception = test.get('expectedException');
  return {
    file,
    name: `${String(test.get('name'))}${suffix}`,
    statements: texts(test.get('statements')).map((sql) =>
      format === undefined ? sql : sql.replaceAll('{FORMAT}', format),
    ),
    properties,
    topics: list(test.get('topics')).map(topicOf),
    inputs: list(test.get('inputs')).map(recordOf),
    outputs: list(test.get('outputs')).map(recordOf),
    expectedException: isObject(exception)
      ? {
          type: text(exception.get('type')),
          message: text(exception.get('message')),
          causeMessage: text(exception.get('causeMessage')),
        }
      : undefined,
    post: isObject(test.get('post')) ? (test.get('post') as Fields) : undefined,
  };
}

export function topicOf(node: Fields): QttTopic {
  return {
    name: String(node.get('name')),
    partitions: number(node.get('partitions')) ?? 1,
    keySchema: schemaOf(node, 'keySchema', 'keyFormat'),
    valueSchema: schemaOf(node, 'valueSchema', 'valueFormat'),
  };
}

function schemaOf(node: Fields, name: string, formatName: string): QttSchema | undefined {
  const schema = node.get(name);
  if (schema === undefined || schema === null) return undefined;
  const type = SCHEMA_TYPES[text(node.get(formatName))?.toUpperCase() ?? 'AVRO'];
  if (type === undefined) throw new Error(`a schema of the format ${printExactJson(node.get(formatName) ?? null)}`);
  return {
    type,
    text: type === 'PROTOBUF' ? String(schema) : printExactJson(schema),
    id: number(node.get(`${name}Id`)),
    references: list(node.get(`${name}References`)).map((reference) => ({
      name: String(reference.get('name')),
      schema: schemaOf(reference, 'schema', 'format') as QttSchema,
    })),
  };
}

const SCHEMA_TYPES: Readonly<Record<string, SchemaType>> = {
  AVRO: 'AVRO',
  JSON: 'JSON',
  JSON_SR: 'JSON',
  PROTOBUF: 'PROTOBUF',
};

export function recordOf(node: Fields): QttRecord {
  const window = node.get('window');
  return {
    topic: String(node.get('topic')),
    key: node.get('key') ?? null,
    value: node.get('value') ?? null,
    timestamp: number(node.get('timestamp')),
    window: isObject(window)
      ? {
          start: number(window.get('start')) ?? 0,
          end: number(window.get('end')) ?? 0,
          isSession: String(window.get('type')).toLowerCase() === 'session',
        }
      : undefined,
    headers: list(node.get('headers')).map((header) => ({
      key: String(header.get('KEY')),
      value: typeof header.get('VALUE') === 'string' ? Buffer.from(header.get('VALUE') as string, 'base64') : null,
    })),
  };
}

export const fields = (node: ExactJson | undefined): readonly (readonly [string, ExactJson])[] =>
  isObject(node) ? [...node] : [];
export const list = (node: ExactJson | undefined): readonly Fields[] => (isArray(node) ? node.filter(isObject) : []);
export const text = (node: ExactJson | undefined): string | undefined => (typeof node === 'string' ? node : undefined);
export const texts = (node: ExactJson | undefined): readonly string[] =>
  isArray(node) ? node.map((item) => (typeof item === 'string' ? item : String(item))) : [];
export const number = (node: ExactJson | undefined): number | undefined =>
  node instanceof JsonNumber ? Number(node.text) : undefined;
