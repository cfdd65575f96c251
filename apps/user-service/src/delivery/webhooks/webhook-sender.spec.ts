import { afterEach, describe, expect, it } from '@jest/globals';
import { createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import type { Delivery, Outcome, Target } from '../target.js';
import { AddressRules } from './public-address.js';
import { newSecret } from './signature.js';
import { WebhookSender } from './webhook-sender.js';

const delivery: Delivery = { id: 'd', notice: { type: 'alert.notice' }, attempts: 0, createdAtMs: 0 };
const servers: Server[] = [];
const sockets = new Set<Socket>();

afterEach(async () => {
  for (const socket of sockets) socket.destroy();
  await Promise.all(servers.splice(0).map((server) => new Promise((resolve) => server.close(resolve))));
});

/** Sends to a server that says these bytes, whatever it is asked, and then what `then` does. */
async function sendTo(says: string, then: (socket: Socket) => void = () => undefined): Promise<Outcome> {
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => undefined);
    socket.once('data', () => socket.write(says, () => then(socket)));
  });
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const target: Target = {
    ...{
      id: '1',
      userId: '1',
      channel: 'WEBHOOK',
      secret: newSecret(),
      token: null,
      failures: 0,
      failingSinceMs: null,
    },
    address: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`,
  };
  return new WebhookSender(new AddressRules(true), { timeoutMs: 500 }).send(target, delivery);
}

const drip = (bytes: string) => (socket: Socket) => {
  const timer = setInterval(() => socket.write(bytes), 20);
  socket.once('close', () => clearInterval(timer));
};

describe('a receiver of webhooks', () => {
  it.each<[string, string, ((socket: Socket) => void) | undefined, RegExp]>([
    [
      'answers with another protocol',
      'HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\nConnection: Upgrade\r\n\r\n',
      undefined,
      /ended|within/,
    ],
    [
      'says to go on, for ever',
      'HTTP/1.1 100 Continue\r\n\r\n',
      drip('HTTP/1.1 102 Processing\r\n\r\n'),
      /within 500 ms/,
    ],
    ['never ends its headers', 'HTTP/1.1 200 OK\r\n', drip('x: y\r\n'), /within 500 ms/],
    [
      'has more headers than anybody reads',
      `HTTP/1.1 200 OK\r\nx: ${'y'.repeat(100_000)}\r\n\r\n`,
      undefined,
      /HPE_HEADER_OVERFLOW/,
    ],
    [
      'never ends its chunks',
      'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n',
      drip('1\r\nx\r\n'),
      /within 500 ms/,
    ],
    ['cuts its answer', 'HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nx', (socket) => socket.destroy(), /ECONNRESET/],
    ['says nothing', '', (socket) => socket.end(), /ECONNRESET/],
    ['speaks no HTTP', 'SSH-2.0-x\r\n', undefined, /HPE_/],
  ])('that %s is one that failed', async (_, says, then, because) => {
    expect(await sendTo(says, then)).toEqual({ kind: 'failed', because: expect.stringMatching(because) });
  });

  it('that answers more than is read has taken it', async () => {
    expect(await sendTo(`HTTP/1.1 200 OK\r\n\r\n${'x'.repeat(200_000)}`, drip('x'))).toEqual({ kind: 'delivered' });
  });
});
