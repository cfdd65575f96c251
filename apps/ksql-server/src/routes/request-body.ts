import { JavaRegex, type TopicPattern } from '@isobar/ksql-engine';
import { ApiError, BAD_REQUEST, RequestError } from '../http/responses.js';

export interface KsqlRequest {
  readonly ksql: string;
  readonly properties: ReadonlyMap<string, string>;
  readonly variables: ReadonlyMap<string, string>;
  readonly commandSequenceNumber: number | undefined;
}

/** The body of /ksql and /query. Unknown fields are ignored; a wrong type is a 400 that names the field. */
export function parseKsqlRequest(text: string): KsqlRequest {
  const body = parseObject(text);
  return {
    ksql: textField(body, 'ksql') ?? '',
    properties: mapField(body, 'streamsProperties'),
    variables: mapField(body, 'sessionVariables'),
    commandSequenceNumber: integerField(body, 'commandSequenceNumber'),
  };
}

/** The body of /query-stream. */
export function parseQueryStreamRequest(text: string): Omit<KsqlRequest, 'commandSequenceNumber'> {
  const body = parseObject(text);
  const sql = textField(body, 'sql');
  if (sql === undefined) throw invalid("Missing required creator property 'sql' (index 0)");
  return { ksql: sql, properties: mapField(body, 'properties'), variables: mapField(body, 'sessionVariables') };
}

export function parseCloseQuery(text: string): string {
  const queryId = textField(parseObject(text), 'queryId');
  if (queryId === undefined) throw invalid("Missing required creator property 'queryId' (index 0)");
  return queryId;
}

/** The first line of /inserts-stream. */
export function parseInsertsTarget(line: string): string {
  const target = textField(parseObject(line), 'target');
  if (target === undefined) throw invalid("Missing required creator property 'target' (index 0)");
  return target;
}

/** The body of /ksql/terminate: patterns of sink topics to delete. */
export function parseClusterTerminate(text: string): readonly TopicPattern[] {
  const list = (text.trim() === '' ? {} : parseObject(text))['deleteTopicList'] ?? [];
  if (!Array.isArray(list) || !list.every((item) => typeof item === 'string'))
    throw invalid('"deleteTopicList" must be a list of texts');
  return list.map((pattern) => {
    try {
      const regex = new JavaRegex(String.raw`\A(?:${pattern})\z`);
      return { test: (topic) => regex.first(topic) !== undefined };
    } catch {
      throw new ApiError(BAD_REQUEST, `Invalid pattern in "deleteTopicList": ${pattern}`);
    }
  });
}

/** A message from another server: `field` names it as `host:port`. */
export function requireHostMessage(text: string, field: string): void {
  const host = parseObject(text)[field];
  if (typeof host !== 'string' || !/^.+:\d+$/.test(host)) throw invalid(`"${field}" must be "host:port"`);
}

type Body = Readonly<Record<string, unknown>>;

export function parseObject(text: string): Body {
  let body: unknown;
  try {
    body = JSON.parse(text);
  } catch (error) {
    throw invalid(error instanceof Error ? error.message : String(error));
  }
  if (typeof body !== 'object' || body === null || Array.isArray(body)) throw invalid('the body must be a JSON object');
  return body as Body;
}

const invalid = (why: string): RequestError => new RequestError(BAD_REQUEST, `Invalid JSON in request: ${why}`);

function textField(body: Body, name: string): string | undefined {
  const value = body[name];
  if (value === undefined || value === null) return undefined;
  if (typeof value === 'object') throw invalid(`"${name}" must be text`);
  return String(value as string | number | boolean);
}

function integerField(body: Body, name: string): number | undefined {
  const value = body[name];
  if (value === undefined || value === null) return undefined;
  const number = typeof value === 'string' && value.trim() !== '' ? Number(value) : value;
  if (typeof number !== 'number' || !Number.isInteger(number)) throw invalid(`"${name}" must be an integer`);
  return number;
}

function mapField(body: Body, name: string): Map<string, string> {
  const value = body[name];
  if (value === undefined || value === null) return new Map();
  if (typeof value !== 'object' || Array.isArray(value)) throw invalid(`"${name}" must be an object`);
  return new Map(
    Object.entries(value as Record<string, unknown>).map(([key, item]) => {
      if (item === null || typeof item === 'object') throw invalid(`"${name}" holds no plain value for "${key}"`);
      return [key, String(item as string | number | boolean)];
    }),
  );
}
