import {
  insertRow,
  KsqlError,
  parseJsonExactly,
  SchemaRegistryError,
  type DataSource,
  type KsqlEngine,
} from '@isobar/ksql-engine';
import { ApiError, BAD_REQUEST, BAD_STATEMENT, HTTP2_ONLY, RequestError, SERVER_ERROR } from '../http/responses.js';
import type { Response } from '../http/http-listener.js';
import type { Route, RouteRequest } from '../http/router.js';
import type { ServerContext } from '../server-context.js';
import { AnswerWriter } from '../streaming/answer-writer.js';
import { readyEngine } from './ready-engine.js';
import { parseInsertsTarget } from './request-body.js';

const V1 = 'application/vnd.ksql.v1+json';
const DELIMITED = 'application/vnd.ksqlapi.delimited.v1';

/**
 * POST /inserts-stream (HTTP/2): a first line that names the target, then one JSON object per row; each row is acknowledged when the
 * broker has it. The first bad row ends the stream.
 */
export function insertsRoute(context: ServerContext): Route {
  return {
    method: 'POST',
    path: '/inserts-stream',
    produces: [DELIMITED, V1, 'application/json'],
    isStreaming: true,
    async handle(request, response) {
      if (!request.isHttp2) throw new ApiError(HTTP2_ONLY, 'This endpoint is only available when using HTTP2');
      const engine = readyEngine(context);
      engine.requireOwner();
      const writer = new AnswerWriter(response, context.limits.slowReaderMs, context.turnedAway);
      await acceptRows(request, response, engine, writer);
    },
  };
}

async function acceptRows(
  request: RouteRequest,
  response: Response,
  engine: KsqlEngine,
  writer: AnswerWriter,
): Promise<void> {
  const framing = request.accept === undefined || request.accept === DELIMITED ? lines : array;
  let target: DataSource | undefined;
  let sequence = 0;
  for await (const line of request.lines()) {
    if (line.trim() === '') continue;
    if (!target) {
      target = await writable(engine, findTarget(engine, line));
      response.writeHead(200);
      await writer.write(framing.begin);
      continue;
    }
    const outcome = await insert(engine, target, line);
    const ack = outcome === undefined ? { seq: sequence, status: 'ok' } : refusal(sequence, outcome);
    if (!(await writer.write(framing.item(JSON.stringify(ack), sequence)))) return;
    sequence++;
    if (outcome !== undefined) break;
  }
  if (!target) throw new RequestError(BAD_REQUEST, 'Invalid JSON in request: the first line must name the target');
  await writer.write(framing.end);
  response.end();
}

const lines = { begin: '', item: (text: string) => `${text}\n`, end: '' };
const array = { begin: '[', item: (text: string, index: number) => (index === 0 ? text : `,${text}`), end: ']' };

const refusal = (seq: number, message: string) => ({
  '@type': 'InsertError',
  status: 'error',
  seq,
  message,
  error_code: BAD_REQUEST,
});

/** Why the row was not taken, or undefined. */
async function insert(engine: KsqlEngine, target: DataSource, line: string): Promise<string | undefined> {
  try {
    const row = parseJsonExactly(line);
    if (typeof row !== 'object' || row === null || Array.isArray(row)) return 'Invalid JSON in inserts stream';
    const fields = row as Parameters<typeof insertRow>[1];
    await engine.options.broker.write([insertRow(target, fields, engine.options.clock.nowMs())]);
    return undefined;
  } catch (error) {
    if (error instanceof SyntaxError) return 'Invalid JSON in inserts stream';
    if (error instanceof KsqlError) return error.message;
    throw error;
  }
}

async function writable(engine: KsqlEngine, target: DataSource): Promise<DataSource> {
  try {
    return await engine.writable(target);
  } catch (error) {
    if (!(error instanceof SchemaRegistryError)) throw error;
    throw new ApiError(SERVER_ERROR, `Cannot insert values into ${target.name}: ${error.message}`);
  }
}

function findTarget(engine: KsqlEngine, line: string): DataSource {
  const name = parseInsertsTarget(line);
  const quoted = /^`(.*)`$/s.exec(name);
  const target = engine.catalog.sources.get(quoted ? (quoted[1] ?? '') : name.toUpperCase());
  if (!target) throw new ApiError(BAD_STATEMENT, `Cannot insert values into an unknown stream/table: \`${name}\``);
  if (target.topic.window) throw new ApiError(BAD_REQUEST, 'Cannot insert values into windowed stream/table!');
  if (target.isSource)
    throw new ApiError(BAD_REQUEST, `Cannot insert values into read-only ${target.kind.toLowerCase()}: ${target.name}`);
  if (target.schema.value.some((column) => column.header))
    throw new ApiError(BAD_REQUEST, `Cannot insert into a source with HEADER columns: ${target.name}`);
  return target;
}
