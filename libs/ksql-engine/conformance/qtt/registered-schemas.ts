import type { FormatInfo } from '../../src/catalog/data-source.js';
import { subjectOf, type SchemaReference, type SchemaType } from '../../src/ports/schema-registry.js';
import { RegistryContents } from '../../src/testing/schema-registry/registry-contents.js';
import type { FunctionRegistry } from '../../src/functions/function.js';
import { KsqlTestDriver } from '../../src/testing/topology-driver.js';
import { parseExactJson, printExactJson, type ExactJson } from '../exact-json.js';
import type { QttCase, QttSchema, QttTopic } from './qtt-case.js';
import { AvroSpec } from './spec-avro.js';
import { fromJsonSchema, toJsonSchema } from './spec-json-sr.js';
import { ProtoFileSpec } from './spec-proto-file.js';

const HEADER_LENGTH = 5;
/** What is only imported takes no number that a statement may name. */
const IMPORTED_IDS = 1_000_000;

/**
 * The registry of a case before its statements: schemas with ids of their own, then those that ksqlDB would make for the statements which
 * declare columns, in their order, then the others. Ids are counted up in this order.
 */
export function registryOf({ topics, statements, properties }: QttCase, functions: FunctionRegistry): RegistryContents {
  const contents = new RegistryContents();
  registerGiven(
    contents,
    topics.map((topic) => withSchemas(topic, (schema) => schema.id !== undefined)),
    true,
  );
  const declared = declaredSchemas(statements, properties, functions);
  const isGiven = new Set(topics.flatMap(givenSchemas).map(({ subject }) => subject));
  for (const subject of declared.subjects().toSorted((a, b) => idIn(declared, a) - idIn(declared, b)))
    if (!isGiven.has(subject)) {
      const { type, text } = declared.latest(subject).schema;
      contents.register(subject, { type, text, references: [] });
    }
  registerGiven(
    contents,
    topics.map((topic) => withSchemas(topic, (schema) => schema.id === undefined)),
    true,
  );
  return contents;
}

/**
 * Registers the schemas of topics, and what they import.
 *
 * @param keepsIds under the ids that they bear; else under those that the registry gives
 * @returns what the ids have become
 */
export function registerGiven(
  contents: RegistryContents,
  topics: readonly QttTopic[],
  keepsIds: boolean,
): ReadonlyMap<number, number> {
  const ids = new Map<number, number>();
  let importedId = IMPORTED_IDS;
  for (const { subject, schema } of topics.flatMap(givenSchemas)) {
    const references = schema.references.map(({ name, schema: { type, text } }): SchemaReference => {
      const { version } = contents.register(name, { type, text, references: [] }, keepsIds ? importedId++ : undefined);
      return { name, subject: name, version };
    });
    const { type, text, id } = schema;
    const given = contents.register(subject, { type, text, references }, keepsIds ? id : undefined);
    if (id !== undefined) ids.set(id, given.schema.id);
  }
  return ids;
}

function givenSchemas({ name, keySchema, valueSchema }: QttTopic) {
  const parts = [
    { subject: subjectOf(name, true), schema: keySchema },
    { subject: subjectOf(name, false), schema: valueSchema },
  ];
  return parts.flatMap(({ subject, schema }) => (schema === undefined ? [] : [{ subject, schema }]));
}

const withSchemas = (topic: QttTopic, isWanted: (schema: QttSchema) => boolean): QttTopic => ({
  ...topic,
  keySchema: topic.keySchema && isWanted(topic.keySchema) ? topic.keySchema : undefined,
  valueSchema: topic.valueSchema && isWanted(topic.valueSchema) ? topic.valueSchema : undefined,
});

const idIn = (contents: RegistryContents, subject: string): number => contents.latest(subject).schema.id;

/** What the statements register that declare their columns, each by itself; those that fail register nothing. */
function declaredSchemas(
  statements: readonly string[],
  properties: ReadonlyMap<string, string>,
  functions: FunctionRegistry,
): RegistryContents {
  const registry = new RegistryContents();
  const driver = new KsqlTestDriver({ registry, functions });
  for (const statement of statements) {
    if (!/^\s*CREATE\s+(OR\s+REPLACE\s+)?(SOURCE\s+)?(STREAM|TABLE|TYPE)\b/i.test(statement)) continue;
    if (/\bAS\s+SELECT\b/i.test(statement)) continue;
    try {
      driver.execute(statement, properties);
    } catch {
      // The case itself says whether it may fail.
    }
  }
  return registry;
}

/** A case's JSON as a record's part by the newest schema of a subject: with magic byte and id. */
export function registeredBytes(
  node: ExactJson,
  info: FormatInfo,
  contents: RegistryContents,
  subject: string,
): Buffer | null {
  if (node === null) return null;
  const { id, type, text, references } = contents.latest(subject).schema;
  const header = Buffer.alloc(HEADER_LENGTH);
  header.writeInt32BE(id, 1);
  const payload: { readonly [T in SchemaType]: () => Buffer } = {
    AVRO: () => new AvroSpec(text).encode(node),
    JSON: () => Buffer.from(printExactJson(toJsonSchema(node, text))),
    PROTOBUF: () => new ProtoFileSpec(text, references, info.properties['fullSchemaName']).encode(node),
  };
  return Buffer.concat([header, payload[type]()]);
}

/** What such a part says, by the schema whose id it bears. @throws Error for bytes that are no such part */
export function registeredSpec(bytes: Buffer, info: FormatInfo, contents: RegistryContents): ExactJson {
  if (bytes.length < HEADER_LENGTH || bytes[0] !== 0) throw new Error(`no magic byte and id: ${bytes.toString('hex')}`);
  const { type, text, references } = contents.byId(bytes.readInt32BE(1));
  const payload = bytes.subarray(HEADER_LENGTH);
  const node: { readonly [T in SchemaType]: () => ExactJson } = {
    AVRO: () => new AvroSpec(text).decode(payload),
    JSON: () => fromJsonSchema(parseExactJson(payload.toString('utf8')), text),
    PROTOBUF: () => new ProtoFileSpec(text, references, info.properties['fullSchemaName']).decode(payload),
  };
  return node[type]();
}
