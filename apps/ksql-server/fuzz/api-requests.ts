import type { ApiOperation, ValueSchema } from './api-operations.js';
import { mutateText } from './mutate.js';
import { ODD_VALUES } from './odd-values.js';
import { oneOf, type Pick } from './random.js';

const METHODS = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'HEAD', 'OPTIONS'];
const TYPES = [
  'application/json',
  'application/json; charset=latin-42',
  'application/merge-patch+json',
  'text/plain',
  '',
];
/** Some of these name something that is there. */
const WORDS = [
  '1',
  '0',
  '-1',
  '1e3',
  '99999999999999999999',
  'x',
  'miami-fl',
  'miami-fl-1',
  'storm',
  'CITY_CONDITIONS',
].concat([
  'weather-data',
  'dashboard',
  'users',
  '%00',
  '%E0%A4%A',
  '..%2f..',
  '__proto__',
  '%F0%9F%99%82',
  'x'.repeat(2_000),
]);
const PLAIN_TEXTS = [
  'Seattle',
  'WA',
  'miami-fl',
  'ada',
  'Ada Lovelace',
  'ada@example.org',
  '{"a":1}',
  'America/New_York',
];

/** A value that fits the schema more often than not. */
function valueOf(schema: ValueSchema, pick: Pick): unknown {
  if (pick(6) === 0) return oneOf(pick, ODD_VALUES);
  if (schema.enum !== undefined) return oneOf(pick, schema.enum);
  switch (schema.type) {
    case 'object':
      return objectOf(schema, pick);
    case 'array':
      return Array.from({ length: pick(4) }, () => valueOf(schema.items ?? {}, pick));
    case 'integer':
    case 'number':
      return oneOf(pick, [schema.minimum ?? 0, schema.maximum ?? 1_000, 7, 70.5, (schema.maximum ?? 0) + 1]);
    case 'boolean':
      return pick(2) === 0;
    default:
      return pick(3) === 0 ? mutateText(oneOf(pick, PLAIN_TEXTS), pick) : oneOf(pick, PLAIN_TEXTS);
  }
}

function objectOf(schema: ValueSchema, pick: Pick): Record<string, unknown> {
  const fields = Object.entries(schema.properties ?? {}).filter(() => pick(5) > 0);
  const value = Object.fromEntries(fields.map(([name, field]) => [name, valueOf(field, pick)]));
  return pick(6) === 0 ? { ...value, extra: oneOf(pick, ODD_VALUES) } : value;
}

function target({ path, queryNames }: ApiOperation, pick: Pick): string {
  const filled = path.replaceAll(/\{\w+\}/g, () => oneOf(pick, WORDS));
  const query = queryNames.filter(() => pick(2) === 0).map((name) => `${name}=${oneOf(pick, WORDS)}`);
  return query.length === 0 ? filled : `${filled}?${query.join('&')}`;
}

/** What cannot stand in a request's first line would only test Node's parser again. */
const inOneLine = (text: string): string => text.replaceAll(/[^\x21-\x7e]/g, '');

/** Requests of HTTP/1.1 to what a service says that it can do: right in form, and often wrong in what they say. */
export function apiRequests(operations: readonly ApiOperation[]): (pick: Pick) => Buffer {
  return (pick) => {
    const operation = oneOf(pick, operations);
    const method = pick(8) === 0 ? oneOf(pick, METHODS) : operation.method;
    const path = pick(8) === 0 ? inOneLine(mutateText(target(operation, pick), pick)) : target(operation, pick);
    const head = `${method} ${path} HTTP/1.1\r\nHost: localhost\r\n`;
    const hasBody = operation.body !== undefined ? pick(10) > 0 : pick(10) === 0;
    if (!hasBody) return Buffer.from(`${head}\r\n`);
    const json = JSON.stringify(operation.body === undefined ? oneOf(pick, ODD_VALUES) : valueOf(operation.body, pick));
    const text = Buffer.from(pick(4) === 0 ? mutateText(json, pick) : json);
    const type = pick(3) === 0 ? oneOf(pick, TYPES) : 'application/json';
    return Buffer.concat([Buffer.from(`${head}Content-Type: ${type}\r\nContent-Length: ${text.length}\r\n\r\n`), text]);
  };
}
