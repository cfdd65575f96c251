import findMyWay from 'find-my-way';
import type { Logger } from 'pino';
import type { ServerLimits } from '../limits.js';
import type { Request, Response } from './http-listener.js';
import { readBody, readLines } from './request-body-reader.js';
import { requestTarget } from './request-target.js';
import { sendEmpty, sendError } from './responses.js';

export interface RouteRequest {
  readonly raw: Request;
  /** What stands for the `*` of the route's path, percent-decoded. */
  readonly rest: string;
  readonly query: URLSearchParams;
  /** The media type that the route will answer with; undefined when the client named none. */
  readonly accept: string | undefined;
  readonly isHttp2: boolean;
  text(): Promise<string>;
  /** The body line by line, as it arrives. */
  lines(): AsyncIterable<string>;
}

const METHODS = ['GET', 'POST'] as const;

export interface Route {
  readonly method: (typeof METHODS)[number];
  /** A fixed path, or one that ends in `/*`. */
  readonly path: string;
  /** Media types that the route can answer with, most wanted first. */
  readonly produces: readonly string[];
  /** The type that a wildcard stands for, as most clients send one by themselves; absent: as without an Accept header. */
  readonly wildcard?: string;
  /** Errors come without a content type, as the streaming end points of ksqlDB have it. */
  readonly isStreaming?: boolean;
  handle(request: RouteRequest, response: Response): Promise<void> | void;
}

const NOT_FOUND_PAGE = '<html><body><h1>Resource not found</h1></body></html>';

/**
 * Finds the route of a request: 404 unknown path, 405 wrong method with `allow`, 406 no acceptable media type. A route that throws
 * what nobody expected is answered with 500 and logged.
 */
export function createRouter(
  routes: readonly Route[],
  limits: ServerLimits,
  log: Logger,
): (request: Request, response: Response) => void {
  const table = findMyWay();
  for (const route of routes) table.on(route.method, route.path, () => undefined, route);
  const find = (method: string, path: string): { route: Route; rest: string } | undefined => {
    const found = table.find(method as Route['method'], path);
    return found ? { route: found.store as Route, rest: found.params['*'] ?? '' } : undefined;
  };
  return (request, response) => {
    const { path, query } = requestTarget(request.url);
    const found = find(request.method ?? '', path);
    if (!found) {
      const allowed = METHODS.filter((method) => find(method, path) !== undefined);
      if (allowed.length === 0) sendNotFound(response);
      else sendEmpty(response, 405, request.method === 'HEAD' ? {} : { allow: allowed.join(',') });
      return;
    }
    const { route, rest } = found;
    const accept = acceptable(request.headers['accept'], route);
    if (accept === null) {
      sendEmpty(response, 406);
      return;
    }
    const routeRequest: RouteRequest = {
      raw: request,
      rest,
      query,
      accept,
      isHttp2: request.httpVersionMajor === 2,
      text: () => readBody(request, limits),
      lines: () => readLines(request, limits),
    };
    Promise.resolve()
      .then(() => route.handle(routeRequest, response))
      .catch((error: unknown) => sendError(response, error, route.isStreaming !== true, log))
      .catch((error: unknown) => {
        log.error({ err: error, path: route.path }, 'an answer could not be sent');
        response.destroy();
      });
  };
}

function sendNotFound(response: Response): void {
  response.writeHead(404, { 'content-type': 'text/html; charset=utf-8', 'content-length': NOT_FOUND_PAGE.length });
  response.end(NOT_FOUND_PAGE);
}

/** The first acceptable type; undefined when the client has no wish, null when nothing fits. */
function acceptable(header: string | undefined, { produces, wildcard }: Route): string | undefined | null {
  if (header === undefined || header.trim() === '') return undefined;
  const wanted = header.split(',').map((part) => {
    const [type = '', ...parameters] = part.split(';').map((text) => text.trim());
    const q = parameters.find((parameter) => parameter.startsWith('q='));
    return { type: type.toLowerCase(), q: q ? Number(q.slice(2)) : 1 };
  });
  for (const { type } of wanted.sort((a, b) => b.q - a.q)) {
    if (type === '*/*' || type === 'application/*') return wildcard;
    if (produces.includes(type)) return type;
  }
  return null;
}
