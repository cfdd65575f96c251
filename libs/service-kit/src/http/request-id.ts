import { randomUUID } from 'node:crypto';
import type { NextFunction, Request, Response } from 'express';
import type { Logger } from 'pino';

const header = 'x-request-id';
const acceptable = /^[A-Za-z0-9._:-]{1,128}$/;
const requestIds = new WeakMap<object, string>();
const unlogged = new WeakSet<object>();

export const requestIdOf = (request: object): string => requestIds.get(request) ?? 'unknown';

/** Its answer has no line of its own: whoever gives it by the thousand tells of them together. */
export const leaveUnlogged = (request: object): void => void unlogged.add(request);

/** Endpoints that tools ask every few seconds; their lines would drown the others. */
const toolPaths = new Set(['/healthz', '/readyz', '/health', '/metrics']);

export const isForTools = (path: string): boolean => toolPaths.has(path);

/** A path with its query as it may be logged: the token of a link opens something to whoever reads it. */
export const loggedPath = (url: string): string => url.replace(/([?&]token=)[^&]*/gi, '$1…');

/** Gives each request an id (the caller's, when it sends a sane one), returns it, and logs the answer. */
export function requestLog(logger: Logger) {
  return (request: Request, response: Response, next: NextFunction): void => {
    const given = request.headers[header];
    const requestId = typeof given === 'string' && acceptable.test(given) ? given : randomUUID();
    requestIds.set(request, requestId);
    response.setHeader('X-Request-Id', requestId);
    if (!isForTools(request.path)) {
      const startedAt = performance.now();
      response.on('finish', () => {
        if (unlogged.has(request)) return;
        logger[response.statusCode >= 500 ? 'error' : 'debug'](
          {
            requestId,
            method: request.method,
            path: loggedPath(request.originalUrl),
            status: response.statusCode,
            durationMs: Math.round(performance.now() - startedAt),
          },
          'request',
        );
      });
    }
    next();
  };
}
