import type { NextFunction, Request, Response } from 'express';
import { STATUS_CODES, type IncomingMessage, type Server } from 'node:http';
import type { Duplex } from 'node:stream';
import { Problem } from '../problems/problem.js';
import { guardedRequest } from './node-request.js';
import type { RequestGuard } from './request-guard.js';
import type { RouteExceptions } from './route-access.js';

/** What every service has besides its own routes. */
export const commonRoutes: RouteExceptions = {
  'GET /healthz': 'health',
  'GET /readyz': 'health',
  'GET /api/docs': 'page',
  'GET /api/docs/': 'page',
};

/** Stands before every other middleware: what it refuses is neither parsed nor routed. */
export function guardRequests(guard: RequestGuard) {
  return (request: Request, response: Response, next: NextFunction): void => {
    const verdict = guard(guardedRequest(request));
    response.setHeaders(new Map(Object.entries(verdict.headers)));
    if (verdict.allow) next();
    else if (verdict.code === 'preflight') response.status(verdict.status).end();
    else {
      const title = STATUS_CODES[verdict.status] ?? verdict.code;
      next(new Problem(verdict.status, { type: verdict.code, title, detail: verdict.reason }));
    }
  };
}

/**
 * Stands before whoever takes upgrades of this server. Without such a listener Node answers the request as if nothing but a request
 * was asked for, and that one is judged as such; so this waits for the first listener instead of being it.
 */
export function guardUpgrades(server: Server, guard: RequestGuard): void {
  const judge = (request: IncomingMessage, socket: Duplex): void => {
    const verdict = guard(guardedRequest(request, true));
    if (verdict.allow) return;
    const status = `HTTP/1.1 ${verdict.status} ${STATUS_CODES[verdict.status] ?? ''}`;
    const headers = Object.entries(verdict.headers).map(([name, value]) => `${name}: ${value}`);
    socket.on('error', () => undefined);
    // Ended at once: the listeners after this one get a socket that can no longer be written to.
    const answer = [status, ...headers, 'Connection: close', 'Content-Length: 0', '', ''].join('\r\n');
    socket.end(answer, () => socket.destroy());
  };
  const onListener = (event: string | symbol): void => {
    if (event !== 'upgrade') return;
    server.off('newListener', onListener);
    server.on('upgrade', judge);
  };
  server.on('newListener', onListener);
}
