import type { DataSource, FormatInfo } from '../../src/catalog/data-source.js';
import { subjectOf } from '../../src/ports/schema-registry.js';
import { parseColumnList } from '../../src/syntax/parse.js';
import type { KsqlTestDriver } from '../../src/testing/topology-driver.js';
import type { RegistryContents } from '../../src/testing/schema-registry/registry-contents.js';
import { formatType } from '../../src/types/format-type.js';
import { resolveType } from '../../src/analyze/resolve-type.js';
import { isArray, isObject, JsonNumber, parseExactJson, printExactJson, type ExactJson } from '../exact-json.js';

type Fields = ReadonlyMap<string, ExactJson>;

/** Checks what must be registered and which topics must (not) exist after a case. */
export function checkPost(post: Fields, driver: KsqlTestDriver, registry: RegistryContents): string | undefined {
  for (const wanted of objects(post.get('sources'))) {
    const name = String(wanted.get('name'));
    const sources = driver.sources.filter((source) => source.name === name);
    const reasons = sources.map((source) => sourceDifference(wanted, source));
    if (!reasons.includes(undefined)) return `post: source ${name}: ${reasons[0] ?? 'is not registered'}`;
  }
  const topics = post.get('topics');
  return isObject(topics) ? topicsDifference(topics, driver, registry) : undefined;
}

function sourceDifference(wanted: Fields, source: DataSource): string | undefined {
  if (String(wanted.get('type')).toUpperCase() !== source.kind) return `is a ${source.kind}`;
  const schema = wanted.get('schema');
  if (typeof schema === 'string') {
    const [expected, actual] = [schemaOfText(schema), schemaOf(source)];
    if (expected !== actual) return `schema: expected ${expected}, got ${actual}`;
  }
  if (wanted.has('isSource') && wanted.get('isSource') !== source.isSource) return `isSource is ${source.isSource}`;
  const keyFormat = wanted.get('keyFormat');
  if (isObject(keyFormat)) {
    const window = keyFormat.get('windowType') ?? undefined;
    if (window !== source.topic.window?.type)
      return `windowType: expected ${String(window)}, got ${source.topic.window?.type}`;
    if (keyFormat.has('windowSize') && numberOf(keyFormat.get('windowSize')) !== source.topic.window?.sizeMs) {
      return `windowSize: ${source.topic.window?.sizeMs}`;
    }
  }
  return (
    formatDifference(keyFormat, wanted.get('keyFeatures'), source.topic.keyFormat, 'key') ??
    formatDifference(wanted.get('valueFormat'), wanted.get('valueFeatures'), source.topic.valueFormat, 'value')
  );
}

function formatDifference(
  format: ExactJson | undefined,
  features: ExactJson | undefined,
  info: FormatInfo,
  part: string,
): string | undefined {
  const name = isObject(format) ? format.get('format') : format;
  if (typeof name === 'string' && name.toUpperCase() !== info.format) return `${part} format: ${info.format}`;
  const properties = isObject(format) ? format.get('properties') : undefined;
  if (isObject(properties)) {
    const shown = (entries: Iterable<readonly [string, unknown]>) =>
      [...entries]
        .map(([key, value]) => `${key}=${String(value)}`)
        .sort()
        .join();
    const [expected, actual] = [shown(properties), shown(Object.entries(info.properties))];
    if (expected !== actual) return `${part} properties: expected [${expected}], got [${actual}]`;
  }
  if (!isArray(features)) return undefined;
  const [expected, actual] = [features.map(String).sort().join(), info.wrapping ?? ''];
  return expected === actual ? undefined : `${part} features: expected [${expected}], got [${actual}]`;
}

function schemaOf(source: DataSource): string {
  const render = (columns: DataSource['schema']['key'], mark: string) =>
    columns.map((column) => {
      const header = column.header ? (column.header.kind === 'all' ? ' HEADERS' : ` HEADER(${column.header.key})`) : '';
      return `${column.name} ${formatType(column.type)}${mark}${header}`;
    });
  return [...render(source.schema.key, ' KEY'), ...render(source.schema.value, '')].join(', ');
}

function schemaOfText(text: string): string {
  const columns = parseColumnList(text).map((column) => {
    const constraint = column.constraint;
    const mark =
      constraint.kind === 'none'
        ? ''
        : constraint.kind === 'headers'
          ? ' HEADERS'
          : constraint.kind === 'header'
            ? ` HEADER(${constraint.key})`
            : ' KEY';
    return { isKey: mark === ' KEY', text: `${column.name} ${formatType(resolveType(column.type, new Map()))}${mark}` };
  });
  return [...columns.filter((c) => c.isKey), ...columns.filter((c) => !c.isKey)].map((c) => c.text).join(', ');
}

function topicsDifference(topics: Fields, driver: KsqlTestDriver, registry: RegistryContents): string | undefined {
  const known = driver.internalTopics();
  const blacklist = topics.get('blacklist');
  if (typeof blacklist === 'string') {
    const bad = known.find((topic) => new RegExp(blacklist).test(topic.name));
    if (bad) return `post: topic ${bad.name} must not exist`;
  }
  for (const wanted of objects(topics.get('topics'))) {
    const name = String(wanted.get('name'));
    const internal = known.find((topic) => topic.name === name);
    const source = driver.sources.find((candidate) => candidate.topic.topic === name);
    const info = internal?.info ?? source?.topic;
    if (!info) return `post: topic ${name} does not exist; there are ${known.map((topic) => topic.name).join(', ')}`;
    for (const [part, format, actual] of [
      ['key', wanted.get('keyFormat'), info.keyFormat],
      ['value', wanted.get('valueFormat'), info.valueFormat],
    ] as const) {
      if (!isObject(format)) continue;
      const why = formatDifference(format, format.get('features'), actual, part);
      if (why !== undefined) return `post: topic ${name}: ${why}`;
    }
    // Nothing of an internal topic is registered here.
    if (internal !== undefined) continue;
    for (const isKey of [true, false]) {
      const why = schemaDifference(wanted.get(isKey ? 'keySchema' : 'valueSchema'), subjectOf(name, isKey), registry);
      if (why !== undefined) return `post: ${why}`;
    }
  }
  return undefined;
}

function schemaDifference(
  wanted: ExactJson | undefined,
  subject: string,
  registry: RegistryContents,
): string | undefined {
  if (wanted === undefined || wanted === null) return undefined;
  if (!registry.subjects().includes(subject)) return `no schema is registered as ${subject}`;
  const { text } = registry.latest(subject).schema;
  const [expected, actual] =
    typeof wanted === 'string' ? [wanted.trim(), text.trim()] : [sorted(wanted), sorted(parseExactJson(text))];
  return expected === actual ? undefined : `the schema of ${subject}: expected ${expected}, got ${actual}`;
}

/** JSON whose objects have no order. */
function sorted(node: ExactJson): string {
  if (isArray(node)) return `[${node.map(sorted).join()}]`;
  if (!isObject(node)) return printExactJson(node);
  const members = [...node].sort(([a], [b]) => (a < b ? -1 : 1));
  return `{${members.map(([name, value]) => `${JSON.stringify(name)}:${sorted(value)}`).join()}}`;
}

const objects = (node: ExactJson | undefined): readonly Fields[] => (isArray(node) ? node.filter(isObject) : []);
const numberOf = (node: ExactJson | undefined): number | undefined =>
  node instanceof JsonNumber ? Number(node.text) : undefined;
