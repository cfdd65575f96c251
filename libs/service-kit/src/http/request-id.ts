import { randomUUID } from 'node:crypto';
import type { NextFunction, Request, Response } from 'express';
import type { Logger } from 'pino';

const header = 'x-request-id';
const acceptable = /^[A-Za-z0-9._:-]{1,128}$/;
const requestIds = new WeakMap<object, string>();

export const requestIdOf = (request: object): string => requestIds.get(request) ?? 'unknown';

/** Endpoints that tools ask every few seconds; their lines would drown the others. */
const quietPaths = new Set(['/healthz', '/readyz', '/health', '/metrics']);

/** Gives each request an id (the caller's, when it sends a sane one), returns it, and logs the answer. */
export function requestLog(logger: Logger) {
  return (request: Request, response: Response, next: NextFunction): void => {
    const given = request.headers[header];
    const requestId = typeof given === 'string' && acceptable.test(given) ? given : randomUUID();
    requestIds.set(request, requestId);
    response.setHeader('X-Request-Id', requestId);
    if (!quietPaths.has(request.path)) {
      const startedAt = performance.now();
      response.on('finish', () => {
        logger[response.statusCode >= 500 ? 'error' : 'debug'](
          {
            requestId,
            method: request.method,
            path: request.originalUrl,
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
