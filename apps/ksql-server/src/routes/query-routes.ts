import { ApiError, BAD_REQUEST, sendEmpty } from '../http/responses.js';
import type { Route } from '../http/router.js';
import type { ServerContext } from '../server-context.js';
import { requireOverrides } from '../properties/property-rules.js';
import { answerQuery } from '../streaming/answer-query.js';
import { arrayFraming, delimitedFraming, protobufFraming, streamedRowFraming } from '../streaming/row-writer.js';
import { readyEngine } from './ready-engine.js';
import { parseCloseQuery, parseKsqlRequest, parseQueryStreamRequest } from './request-body.js';

const V1 = 'application/vnd.ksql.v1+json';
const PROTOBUF = 'application/vnd.ksql.v1+protobuf';
const DELIMITED = 'application/vnd.ksqlapi.delimited.v1';

/** POST /query: one SELECT or PRINT, rows as objects; to clients that take anything (curl, fetch) the stream of delimited rows. */
export function queryRoute(context: ServerContext): Route {
  return {
    method: 'POST',
    path: '/query',
    produces: [V1, 'application/json', DELIMITED],
    wildcard: DELIMITED,
    async handle(request, response) {
      const body = parseKsqlRequest(await request.text());
      const engine = readyEngine(context);
      requireOverrides(body.properties, true);
      if (body.ksql.trim() === '') throw new ApiError(BAD_REQUEST, '"ksql" field must be populated');
      await answerQuery(
        {
          sql: body.ksql,
          session: { properties: new Map(body.properties), variables: new Map(body.variables) },
          framing: (isPush) => (request.accept === DELIMITED ? delimitedFraming() : streamedRowFraming(isPush)),
          allowsPrint: true,
          isOld: true,
        },
        context,
        engine,
        response,
      );
    },
  };
}

/** POST /query-stream: the framing follows the Accept header. */
export function queryStreamRoute(context: ServerContext): Route {
  return {
    method: 'POST',
    path: '/query-stream',
    produces: [DELIMITED, V1, PROTOBUF, 'application/json'],
    isStreaming: true,
    async handle(request, response) {
      const body = parseQueryStreamRequest(await request.text());
      const engine = readyEngine(context);
      requireOverrides(body.properties, true);
      const { accept } = request;
      await answerQuery(
        {
          sql: body.ksql,
          session: { properties: new Map(body.properties), variables: new Map(body.variables) },
          framing: (isPush) => {
            if (accept === V1) return streamedRowFraming(isPush);
            if (accept === PROTOBUF) return protobufFraming(isPush);
            return accept === 'application/json' ? arrayFraming() : delimitedFraming();
          },
          allowsPrint: accept === undefined || accept === DELIMITED,
          isOld: false,
        },
        context,
        engine,
        response,
      );
    },
  };
}

/** POST /close-query: ends a push query of this server. */
export function closeQueryRoute(context: ServerContext): Route {
  return {
    method: 'POST',
    path: '/close-query',
    produces: [V1, 'application/json', DELIMITED],
    wildcard: DELIMITED,
    isStreaming: true,
    async handle(request, response) {
      const queryId = parseCloseQuery(await request.text());
      const query = context.transientQueries.get(queryId);
      if (!query) throw new ApiError(BAD_REQUEST, `No query with id ${queryId}`);
      await query.query.close();
      sendEmpty(response, 200);
    },
  };
}
