import { createServer as createHttp1Server, type IncomingMessage, type ServerResponse } from 'node:http';
import { createServer as createHttp2Server } from 'node:http2';
import { createServer as createTcpServer, type AddressInfo, type Socket } from 'node:net';
import type { Duplex } from 'node:stream';

/** Node's HTTP/2 compatibility objects have these shapes too, as far as this server uses them. */
export type Request = IncomingMessage;
export type Response = ServerResponse;
export type RequestHandler = (request: Request, response: Response) => void;

export type UpgradeHandler = (request: IncomingMessage, socket: Duplex, head: Buffer) => void;

export interface HttpListener {
  readonly port: number;
  close(): Promise<void>;
}

const HTTP2_PREFACE = Buffer.from('PRI * HTTP/2.0');

/**
 * One port for HTTP/1.1 and for HTTP/2 in clear text (h2c with prior knowledge), as ksqlDB has it: the first bytes of a connection
 * tell which of the two it speaks.
 */
export async function listen(
  host: string,
  port: number,
  handler: RequestHandler,
  onUpgrade: UpgradeHandler,
): Promise<HttpListener> {
  const http1 = createHttp1Server({ keepAliveTimeout: 60_000 }, handler);
  http1.on('upgrade', onUpgrade);
  const http2 = createHttp2Server({}, (request, response) =>
    handler(request as unknown as Request, response as unknown as Response),
  );
  const sockets = new Set<Socket>();
  const server = createTcpServer({ pauseOnConnect: false }, (socket) => {
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
    socket.on('error', () => socket.destroy());
    route(socket, Buffer.alloc(0), http1, http2);
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, () => {
      server.off('error', reject);
      resolve();
    });
  });
  return {
    port: (server.address() as AddressInfo).port,
    close: async () => {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      for (const socket of sockets) socket.destroy();
      await closed;
    },
  };
}

function route(
  socket: Socket,
  seen: Buffer,
  http1: ReturnType<typeof createHttp1Server>,
  http2: ReturnType<typeof createHttp2Server>,
): void {
  socket.once('data', (chunk: Buffer) => {
    const bytes = Buffer.concat([seen, chunk]);
    const isHttp2 = bytes.subarray(0, HTTP2_PREFACE.length).equals(HTTP2_PREFACE);
    const undecided =
      !isHttp2 && bytes.length < HTTP2_PREFACE.length && HTTP2_PREFACE.subarray(0, bytes.length).equals(bytes);
    if (undecided) {
      route(socket, bytes, http1, http2);
      return;
    }
    socket.pause();
    socket.unshift(bytes);
    // Both take over the socket's handle; an HTTP/2 session first drains what was put back, an HTTP/1.1 parser wants it to flow.
    (isHttp2 ? http2 : http1).emit('connection', socket);
    if (!isHttp2) socket.resume();
  });
}
