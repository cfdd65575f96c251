import { expect, it } from '@jest/globals';
import type { Request, Response } from 'express';
import { EventEmitter } from 'node:events';
import type { Logger } from 'pino';
import { leaveUnlogged, loggedPath, requestLog } from './request-id.js';

it('logs each answer, but those of tools and those that are told of together', () => {
  const lines: string[] = [];
  const log = requestLog({
    error: ({ path }: { path: string }) => lines.push(path),
    debug: ({ path }: { path: string }) => lines.push(path),
  } as unknown as Logger);
  for (const path of ['/parcels?token=opens', '/healthz', '/refused']) {
    const response = Object.assign(new EventEmitter(), { setHeader: () => undefined, statusCode: 503 });
    const request = { headers: {}, path, originalUrl: path, method: 'GET' } as unknown as Request;
    log(request, response as unknown as Response, () => undefined);
    if (path === '/refused') leaveUnlogged(request);
    response.emit('finish');
  }
  expect(lines).toEqual(['/parcels?token=…']);
});

it('logs no token of a link', () => {
  expect(loggedPath('/email/confirm?a=b&token=abc&c=d')).toBe('/email/confirm?a=b&token=…&c=d');
  expect(loggedPath('/email/token=x?TOKEN=abc')).toBe('/email/token=x?TOKEN=…');
});
