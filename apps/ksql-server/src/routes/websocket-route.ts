import type { KsqlEngine } from '@isobar/ksql-engine';
import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { WebSocketServer, type WebSocket } from 'ws';
import { fieldSchema } from '../entities/schema-info.js';
import { refuseUpgrade } from '../http/http-listener.js';
import { requestTarget } from '../http/request-target.js';
import { isExpected, toApiError } from '../http/responses.js';
import { requireOverrides } from '../properties/property-rules.js';
import type { ServerContext } from '../server-context.js';
import { onlyStatement, openQuery } from '../streaming/open-query.js';
import { closeQuietly } from '../streaming/client-watch.js';
import { openPrint } from '../streaming/print-topic.js';
import { rowObject } from '../streaming/row-writer.js';
import { readyEngine } from './ready-engine.js';
import { parseRequest } from './parse-request.js';
import { parseKsqlRequest } from './request-body.js';

const DONE = 1000;
const BAD_STATEMENT = 1003;
const TRY_AGAIN_LATER = 1013;
/** A close frame carries no more. */
const REASON_BYTES_MAX = 123;
const PATH = '/ws/query';
/** Clients have nothing to say once the query runs. */
const FRAME_BYTES_MAX = 64 * 1024;

/** GET /ws/query: one SELECT or PRINT per socket, rows as text frames. */
export function websocketUpgrade(context: ServerContext) {
  const sockets = new WebSocketServer({ noServer: true, maxPayload: FRAME_BYTES_MAX, perMessageDeflate: false });
  return (request: IncomingMessage, socket: Duplex, head: Buffer): void => {
    const { path, query } = requestTarget(request.url);
    if (path !== PATH) {
      refuseUpgrade(socket, 404);
      return;
    }
    sockets.handleUpgrade(request, socket, head, (client) => {
      // A frame that is broken or too large: `ws` closes with the code that says so, and tells it here.
      client.on('error', (error) => context.log.debug({ err: error }, 'a web socket broke the protocol'));
      const send = sender(client, context, request.socket.remoteAddress);
      answer(client, send, query.get('request'), context).catch((error: unknown) => {
        if (!isExpected(error)) context.log.error({ err: error }, 'a web socket failed for a reason of the server');
        const { message, code } = toApiError(error);
        finish(client, code >= 50300 && code < 50400 ? TRY_AGAIN_LATER : BAD_STATEMENT, message);
      });
    });
  };
}

async function answer(client: WebSocket, send: Send, request: string | null, context: ServerContext): Promise<void> {
  if (request === null) return finish(client, BAD_STATEMENT, 'Error parsing request: missing request parameter');
  let body: ReturnType<typeof parseKsqlRequest>;
  try {
    body = parseKsqlRequest(request);
  } catch (error) {
    return finish(client, BAD_STATEMENT, `Error parsing request: ${toApiError(error).message}`);
  }
  if (body.ksql.trim() === '')
    return finish(client, BAD_STATEMENT, 'Error parsing request: "ksql" field of "request" must be populated');
  requireOverrides(new Map(body.properties), true);
  await stream(client, send, body, context, readyEngine(context));
}

async function stream(
  client: WebSocket,
  send: Send,
  body: ReturnType<typeof parseKsqlRequest>,
  context: ServerContext,
  engine: KsqlEngine,
): Promise<void> {
  const session = { properties: new Map(body.properties), variables: new Map(body.variables) };
  const statement = onlyStatement(parseRequest(body.ksql, session.variables, context.limits), body.ksql);
  const kind = statement.statement.kind;
  if (statement.statement.kind === 'print') {
    const opened = await openPrint(statement.statement, context, false);
    client.once('close', () => closeQuietly(opened, context.log));
    try {
      for await (const lines of opened.batches()) {
        for (const line of lines) if (!(await send(JSON.stringify(line)))) return;
      }
      return finish(client, DONE, 'done');
    } finally {
      await opened.close();
    }
  }
  if (kind !== 'query') return finish(client, BAD_STATEMENT, `Unexpected statement type ${kind}`);
  const opened = await openQuery(statement, session, context, engine);
  client.once('close', () => closeQuietly(opened, context.log));
  try {
    const { columns, marksKeys } = opened.header;
    const types = columns.map((column) => column.type);
    if (!(await send(JSON.stringify(columns.map((column) => fieldSchema(column, marksKeys)))))) return;
    for await (const rows of opened.batches()) {
      for (const row of rows) if (!(await send(rowObject(row.values, types, row.isTombstone)))) return;
    }
    finish(client, DONE, 'done');
  } finally {
    await opened.close();
  }
}

/** Sends a frame and waits while the client does not take it, `slowReaderMs` at most; false when the client is gone. */
type Send = (text: string) => Promise<boolean>;

function sender(
  client: WebSocket,
  { limits: { slowReaderMs }, turnedAway }: ServerContext,
  address: string | undefined,
): Send {
  const cut = (): void => {
    turnedAway.note('slow reader', address);
    client.terminate();
  };
  return (text) => {
    if (client.readyState !== client.OPEN) return Promise.resolve(false);
    return new Promise((resolve) => {
      const timer = setTimeout(cut, slowReaderMs);
      client.send(text, (error) => {
        clearTimeout(timer);
        resolve(!error);
      });
    });
  };
}

function finish(client: WebSocket, code: number, message: string): void {
  if (client.readyState !== client.OPEN) return;
  client.send(JSON.stringify({ error: message }));
  const reason =
    Buffer.byteLength(message) <= REASON_BYTES_MAX
      ? message
      : `${Buffer.from(message)
          .subarray(0, REASON_BYTES_MAX - 6)
          .toString('utf8')
          .replace(/\ufffd$/, '')}...`;
  client.close(code, reason);
}
