import { ConnectionRoom, guardedRequest, type Refused, type RequestGuard } from '@isobar/service-kit/plain';
import { createServer, STATUS_CODES, type IncomingMessage, type ServerResponse } from 'node:http';
import type { Http2ServerRequest, Http2ServerResponse } from 'node:http2';
import type { AddressInfo, Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { routeAccess } from '../access.js';
import type { ServerLimits } from '../limits.js';
import { readFirstBytes } from './first-bytes.js';
import { createHttp2Server } from './http2-server.js';
import type { ClientsTurnedAway } from './turned-away.js';
import { ApiError, sendEmpty, sendJson } from './responses.js';

/** Node's HTTP/2 compatibility objects have these shapes too, as far as this server uses them. */
export type Request = IncomingMessage;
export type Response = ServerResponse;

export interface HttpHandlers {
  /** Judges every request, whichever protocol it came by, before anything is done. */
  readonly guard: RequestGuard;
  readonly turnedAway: ClientsTurnedAway;
  request(request: Request, response: Response): void;
  /** A request to upgrade; its socket is the handler's from here on. */
  upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void;
}

export interface HttpListener {
  readonly port: number;
  close(): Promise<void>;
}

const EXPIRY_CHECK_MS_MAX = 5_000;
/** A peer that is gone without a word is noticed by the system's own probes. */
const TCP_KEEP_ALIVE_MS = 30_000;

/**
 * One port for HTTP/1.1 and for HTTP/2 in clear text (h2c with prior knowledge), as ksqlDB has it: Node's HTTP/1.1 server listens,
 * with its own timers, and hands on the connections that begin as HTTP/2 does.
 */
export async function listen(
  host: string,
  port: number,
  limits: ServerLimits,
  handlers: HttpHandlers,
): Promise<HttpListener> {
  const room = new ConnectionRoom(limits.connections);
  const noteRefused = (socket: Socket): void => handlers.turnedAway.note('too many connections', socket.remoteAddress);
  const onRequest = (request: Request, response: Response): void => {
    // A client that breaks off is seen at the close; without a listener the error would end the process.
    request.on('error', () => response.destroy());
    response.on('error', () => response.destroy());
    const asked = guardedRequest(request);
    const verdict = handlers.guard(asked);
    for (const [name, value] of Object.entries(verdict.headers)) response.setHeader(name, value);
    const isBeyond = room.isBeyond(request.socket);
    // One of HTTP/2 never is: those were closed when they began.
    if (isBeyond) response.setHeader('connection', 'close');
    if (isBeyond && routeAccess[`${asked.method} ${asked.path}`] !== 'health') {
      noteRefused(request.socket);
      refuseForRoom(response, limits);
    } else if (verdict.allow) handlers.request(request, response);
    else refuse(response, verdict);
  };
  const http2 = createHttp2Server(limits);
  const onHttp2Request = (request: Http2ServerRequest, response: Http2ServerResponse): void =>
    onRequest(request as unknown as Request, response as unknown as Response);
  http2.on('request', onHttp2Request);
  http2.on('checkContinue', (request, response) => {
    // Node by itself would say "continue" to a stream that is gone already, which throws.
    if (!request.stream.destroyed && !request.stream.closed) response.writeContinue();
    onHttp2Request(request, response);
  });
  const http1 = createServer(
    {
      maxHeaderSize: limits.headerBytes,
      headersTimeout: Math.min(limits.headersTimeoutMs, limits.requestTimeoutMs),
      requestTimeout: limits.requestTimeoutMs,
      keepAliveTimeout: limits.keepAliveMs,
      connectionsCheckingInterval: Math.min(EXPIRY_CHECK_MS_MAX, limits.headersTimeoutMs / 2),
    },
    onRequest,
  );
  http1.on('upgrade', (request, socket, head) => {
    if (room.isBeyond(request.socket)) {
      noteRefused(request.socket);
      refuseUpgrade(socket, 503);
      return;
    }
    const verdict = handlers.guard(guardedRequest(request, true));
    if (verdict.allow) handlers.upgrade(request, socket, head);
    else refuseUpgrade(socket, verdict.status, verdict.headers);
  });
  const parseHttp1 = http1.listeners('connection') as ((socket: Socket) => void)[];
  http1.removeAllListeners('connection');
  const sockets = new Set<Socket>();
  http1.on('connection', (socket: Socket) => {
    const closed = room.take(socket);
    if (closed !== undefined) noteRefused(closed);
    if (closed === socket) return;
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
    socket.on('error', () => socket.destroy());
    socket.setKeepAlive(true, TCP_KEEP_ALIVE_MS);
    readFirstBytes(socket, limits.headersTimeoutMs, (protocol) => {
      if (protocol === 'h2c') {
        // Its client would go on asking over it: no probe speaks HTTP/2.
        if (room.isBeyond(socket)) {
          noteRefused(socket);
          socket.destroy();
          return;
        }
        // Its client has nothing to read once it has ended its side; the sockets of HTTP/1.1 allow that.
        socket.allowHalfOpen = false;
        // The session drains what was put back by itself; the parser of HTTP/1.1 wants it to flow.
        http2.emit('connection', socket);
        return;
      }
      for (const parse of parseHttp1) parse.call(http1, socket);
      socket.resume();
    });
  });
  await new Promise<void>((resolve, reject) => {
    http1.once('error', reject);
    http1.listen(port, host, () => {
      http1.off('error', reject);
      resolve();
    });
  });
  return {
    port: (http1.address() as AddressInfo).port,
    close: async () => {
      const closed = new Promise<void>((resolve) => http1.close(() => resolve()));
      for (const socket of sockets) socket.destroy();
      await closed;
    },
  };
}

function refuseForRoom(response: Response, { connections }: ServerLimits): void {
  const words = `At most ${connections} connections are open at once (HTTP_CONNECTIONS_MAX); try again later.`;
  sendJson(response, 503, new ApiError(50300, words).body());
}

function refuse(response: Response, { status, code, reason }: Refused): void {
  if (code === 'preflight') sendEmpty(response, status);
  else sendJson(response, status, new ApiError(status * 100, reason).body());
}

/** Ends a request to upgrade with a status. */
export function refuseUpgrade(socket: Duplex, status: number, headers: Readonly<Record<string, string>> = {}): void {
  socket.on('error', () => socket.destroy());
  const lines = Object.entries({ ...headers, connection: 'close' }).map(([name, value]) => `${name}: ${value}\r\n`);
  socket.end(`HTTP/1.1 ${status} ${STATUS_CODES[status] ?? ''}\r\n${lines.join('')}\r\n`, () => socket.destroy());
}
