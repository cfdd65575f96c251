import type { IncomingMessage } from 'node:http';
import type { GuardedRequest } from './verdict.js';

/** What the guard needs of a request of `node:http`, or of `node:http2`'s compatible one. */
export function guardedRequest(request: IncomingMessage, isUpgrade = false): GuardedRequest {
  const { method = 'GET', url = '/', headers, rawHeaders } = request;
  return {
    method,
    path: url.split('?', 1)[0] ?? url,
    headers,
    hostCount: rawHeaders.filter((name, index) => index % 2 === 0 && name.toLowerCase() === 'host').length,
    isUpgrade: isUpgrade || headers.upgrade?.toLowerCase() === 'websocket',
  };
}
