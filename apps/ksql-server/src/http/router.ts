import type { Request, Response } from './http-listener.js';
import { BAD_REQUEST, RequestError, sendEmpty, sendError } from './responses.js';

export interface RouteRequest {
  readonly raw: Request;
  readonly path: string;
  readonly query: URLSearchParams;
  /** The media type that the route will answer with; undefined when the client named none. */
  readonly accept: string | undefined;
  readonly isHttp2: boolean;
  text(): Promise<string>;
  /** The body line by line, as it arrives. */
  lines(): AsyncIterable<string>;
}

export interface Route {
  readonly method: 'GET' | 'POST';
  /** A fixed path, or the start of one that ends in a slash. */
  readonly path: string;
  /** Media types that the route can answer with, most wanted first. */
  readonly produces: readonly string[];
  /** Errors come without a content type, as the streaming end points of ksqlDB have it. */
  readonly isStreaming?: boolean;
  handle(request: RouteRequest, response: Response): Promise<void> | void;
}

const BODY_BYTES_MAX = 16 * 1024 * 1024;

/** Finds the route of a request: 404 unknown path, 405 wrong method with `allow`, 406 no acceptable media type. */
export function dispatch(routes: readonly Route[], request: Request, response: Response): void {
  const url = new URL(request.url ?? '/', 'http://server');
  const path = url.pathname.length > 1 ? url.pathname.replace(/\/$/, '') : url.pathname;
  const matching = routes.filter((route) =>
    route.path.endsWith('/') && route.path !== '/'
      ? path.startsWith(route.path) && path.length > route.path.length
      : path === route.path,
  );
  if (matching.length === 0) {
    const page = '<html><body><h1>Resource not found</h1></body></html>';
    response.writeHead(404, { 'content-type': 'text/html; charset=utf-8', 'content-length': page.length });
    response.end(page);
    return;
  }
  const route = matching.find((candidate) => candidate.method === request.method);
  if (!route) {
    const allow = matching.map((candidate) => candidate.method).join(',');
    sendEmpty(response, 405, request.method === 'HEAD' ? {} : { allow });
    return;
  }
  const header = request.headers['accept'];
  const accept = acceptable(typeof header === 'string' ? header : undefined, route.produces);
  if (accept === null) {
    sendEmpty(response, 406);
    return;
  }
  const routeRequest: RouteRequest = {
    raw: request,
    path,
    query: url.searchParams,
    accept,
    isHttp2: request.httpVersionMajor === 2,
    text: () => readBody(request),
    lines: () => readLines(request),
  };
  void Promise.resolve()
    .then(() => route.handle(routeRequest, response))
    .catch((error: unknown) => sendError(response, error, route.isStreaming !== true));
}

/** The first acceptable type; undefined when the client has no wish, null when nothing fits. */
function acceptable(header: string | undefined, produces: readonly string[]): string | undefined | null {
  if (header === undefined || header.trim() === '') return undefined;
  const wanted = header.split(',').map((part) => {
    const [type = '', ...parameters] = part.split(';').map((text) => text.trim());
    const q = parameters.find((parameter) => parameter.startsWith('q='));
    return { type: type.toLowerCase(), q: q ? Number(q.slice(2)) : 1 };
  });
  for (const { type } of wanted.sort((a, b) => b.q - a.q)) {
    if (type === '*/*' || type === 'application/*') return undefined;
    if (produces.includes(type)) return type;
  }
  return null;
}

async function readBody(request: Request): Promise<string> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > BODY_BYTES_MAX)
      throw new RequestError(BAD_REQUEST, `The request body is larger than ${BODY_BYTES_MAX} bytes`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}

async function* readLines(request: Request): AsyncGenerator<string> {
  const decoder = new TextDecoder();
  let rest = '';
  for await (const chunk of request as AsyncIterable<Buffer>) {
    const lines = (rest + decoder.decode(chunk, { stream: true })).split('\n');
    rest = lines.pop() ?? '';
    if (rest.length > BODY_BYTES_MAX)
      throw new RequestError(BAD_REQUEST, `A line is longer than ${BODY_BYTES_MAX} bytes`);
    yield* lines;
  }
  if (rest !== '') yield rest;
}
