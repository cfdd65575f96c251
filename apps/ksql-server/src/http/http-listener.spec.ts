import { afterEach, describe, expect, it } from '@jest/globals';
import { createRequestGuard, guardPolicyFrom, type GuardedRequest, type RequestGuard } from '@isobar/service-kit/plain';
import { once } from 'node:events';
import { connect, constants, type ClientHttp2Session, type IncomingHttpHeaders } from 'node:http2';
import { connect as openSocket } from 'node:net';
import pino from 'pino';
import { routeAccess } from '../access.js';
import { readServerConfig } from '../config.js';
import { limitsOf, type ServerLimits } from '../limits.js';
import { exchange } from '../testing/raw-connection.js';
import { listen, refuseUpgrade, type HttpListener } from './http-listener.js';
import { sendJson } from './responses.js';
import { clientsTurnedAway, type ClientsTurnedAway } from './turned-away.js';
import { createRouter, type Route } from './router.js';

const PREFACE = 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n';
const EMPTY_SETTINGS = Buffer.from([0, 0, 0, 4, 0, 0, 0, 0, 0]);

const allowAll: RequestGuard = () => ({ allow: true, principal: undefined, headers: {} });

describe('the listener', () => {
  let listener: HttpListener;
  let turnedAway: ClientsTurnedAway;
  let sessions: ClientHttp2Session[] = [];
  afterEach(async () => {
    for (const session of sessions) session.destroy();
    sessions = [];
    await listener.close();
  });

  let leftEndless: () => void;
  const endlessLeft = new Promise<void>((resolve) => (leftEndless = resolve));
  const routes: readonly Route[] = [
    {
      method: 'GET',
      path: '/endless',
      produces: [],
      handle: (_request, response) => {
        response.writeHead(200);
        response.write('x');
        response.once('close', () => leftEndless());
      },
    },
    { method: 'GET', path: '/info', produces: [], handle: (_request, response) => sendJson(response, 200, 'info') },
    {
      method: 'POST',
      path: '/echo',
      produces: [],
      handle: async (request, response) => sendJson(response, 200, (await request.text()).length),
    },
    {
      method: 'GET',
      path: '/typed',
      produces: ['application/a', 'application/b'],
      wildcard: 'application/b',
      handle: (request, response) => sendJson(response, 200, request.accept ?? 'no wish'),
    },
    {
      method: 'GET',
      path: '/fault',
      produces: [],
      handle: () => {
        throw new TypeError('a fault of the handler');
      },
    },
  ];

  async function start(changed: Partial<ServerLimits> = {}, guard: RequestGuard = allowAll): Promise<number> {
    const limits = { ...limitsOf(readServerConfig({})), ...changed };
    turnedAway = clientsTurnedAway(pino({ level: 'silent' }), limits);
    listener = await listen('127.0.0.1', 0, limits, {
      guard,
      turnedAway,
      request: createRouter(routes, limits, pino({ level: 'silent' })),
      upgrade: (_request, socket) => refuseUpgrade(socket, 404),
    });
    return listener.port;
  }

  async function overHttp2(
    port: number,
    headers: IncomingHttpHeaders,
    body?: Uint8Array,
  ): Promise<{ status: number | undefined; text: string }> {
    const session = connect(`http://127.0.0.1:${port}`);
    session.on('error', () => undefined);
    sessions.push(session);
    const stream = session.request(headers, { endStream: body === undefined });
    if (body) stream.end(body);
    const [response] = (await once(stream, 'response')) as [{ ':status'?: number }];
    let text = '';
    for await (const chunk of stream as AsyncIterable<Buffer>) text += chunk.toString();
    return { status: response[':status'], text };
  }

  const http1 = async (port: number, path = '/info'): Promise<number> =>
    (await fetch(`http://127.0.0.1:${port}${path}`)).status;

  it.each([
    ['', 'no wish'],
    ['*/*', 'application/b'],
    ['application/*', 'application/b'],
    ['text/html, */*;q=0.8', 'application/b'],
    ['*/*;q=0.1, application/a', 'application/a'],
    ['application/a;q=0.5, application/b', 'application/b'],
  ])('Accept: %s is answered as %s', async (accept, type) => {
    const response = await fetch(`http://127.0.0.1:${await start()}/typed`, { headers: { accept } });
    expect(await response.json()).toBe(type);
  });

  it('speaks HTTP/1.1 and HTTP/2 on one port, and knows them by bytes that come one by one', async () => {
    const port = await start();
    expect(await http1(port)).toBe(200);
    expect(await overHttp2(port, { ':path': '/info' })).toEqual({ status: 200, text: '"info"' });
    const slowly = [...'POST /echo HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: 3\r\n\r\nabc'];
    expect(await exchange(port, ...slowly)).toMatch(/^HTTP\/1\.1 200 OK[^]*\r\n3$/);
    const goAway = Buffer.from([0, 0, 8, 7, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]);
    const settings = await exchange(port, ...PREFACE, EMPTY_SETTINGS, goAway);
    expect(settings.charCodeAt(3)).toBe(4);
  });

  it.each([
    ['nothing at all', ''],
    ['half of the first word', 'PRI * HT'],
    ['half a header', 'GET /info HTTP/1.1\r\nHost: x\r\nX-Half'],
    ['half a body', 'POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\nabc'],
    ['an HTTP/2 connection without a request', Buffer.concat([Buffer.from(PREFACE), EMPTY_SETTINGS])],
    ['half a preface', PREFACE.slice(0, 20)],
    ['a connection without a second request', 'GET /info HTTP/1.1\r\nHost: x\r\n\r\n'],
    ['half an upgrade', 'GET /ws/query HTTP/1.1\r\nUpgrade: websocket\r\nConnection: Upgra'],
  ])(
    'does not keep %s',
    async (_, bytes) => {
      const port = await start({ headersTimeoutMs: 200, requestTimeoutMs: 400, keepAliveMs: 200 });
      const startedMs = performance.now();
      await exchange(port, bytes);
      expect(performance.now() - startedMs).toBeLessThan(8_000);
      expect(await http1(port)).toBe(200);
    },
    20_000,
  );

  it.each([
    ['GET //', 404],
    ['GET //info', 404],
    ['GET http://elsewhere/info', 200],
    ['GET http:///', 404],
    ['GET /info?%zz#%', 200],
    ['GET /%zz', 404],
    ['GET /info/', 200],
    ['OPTIONS *', 404],
    ['TRACE /info', 405],
    ['PROPFIND /info', 405],
    ['DELETE /echo', 405],
    ['GET /fault', 500],
    ['FETCH /info', 400],
    ['GET /a b', 400],
    ['GET /info?LONG', 431],
  ])('answers %s with %i and goes on', async (request, status) => {
    const port = await start();
    const answer = await exchange(
      port,
      `${request.replace('LONG', 'x'.repeat(20_000))} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n`,
    );
    expect(answer.slice(0, 12)).toBe(`HTTP/1.1 ${status}`);
    expect(await http1(port)).toBe(200);
  });

  it.each([
    [
      'an upgrade of //',
      'GET // HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n',
      /^HTTP\/1.1 404/,
    ],
    [
      'an upgrade to something else',
      'GET /x HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: x\r\n\r\n',
      /^HTTP\/1.1 404/,
    ],
    ['CONNECT', 'CONNECT a:1 HTTP/1.1\r\nHost: x\r\n\r\n', /^$/],
    ['an odd Expect', 'GET /info HTTP/1.1\r\nHost: x\r\nExpect: more\r\nConnection: close\r\n\r\n', /^HTTP\/1.1 417/],
    [
      'two lengths',
      'POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n',
      /^HTTP\/1.1 400/,
    ],
    ['an HTTP/2 preface after a request', `GET /info HTTP/1.1\r\nHost: x\r\n\r\n${PREFACE}`, /HTTP\/1.1 400/],
    ['bytes of no protocol', Buffer.from([22, 3, 1, 0, 0, 0, 255]), /^HTTP\/1.1 400/],
    ['HTTP/2 frames of no kind', Buffer.concat([Buffer.from(PREFACE), Buffer.alloc(2_000, 0xfe)]), /./],
  ])('is not ended by %s', async (_, bytes, answer) => {
    const port = await start();
    expect(await exchange(port, bytes)).toMatch(answer);
    expect(await http1(port)).toBe(200);
  });

  it.each([
    [
      'HTTP/1.1',
      (port: number, body: Uint8Array<ArrayBuffer>) =>
        fetch(`http://127.0.0.1:${port}/echo`, { method: 'POST', body }).then(async (r) => ({
          status: r.status,
          text: await r.text(),
        })),
    ],
    [
      'HTTP/2',
      (port: number, body: Uint8Array<ArrayBuffer>) => overHttp2(port, { ':path': '/echo', ':method': 'POST' }, body),
    ],
  ])('answers a body that is too large over %s, and the client hears it', async (_, send) => {
    const port = await start({ bodyBytes: 1_000 });
    expect(await send(port, new Uint8Array(1_000))).toEqual({ status: 200, text: '1000' });
    const { status, text } = await send(port, new Uint8Array(300_000));
    expect(status).toBe(413);
    expect(JSON.parse(text)).toEqual({
      '@type': 'generic_error',
      error_code: 41300,
      message: expect.stringContaining('larger than 1000 bytes'),
    });
  });

  it('lives on when a client breaks off its stream with an error, before and after its request is complete', async () => {
    const port = await start();
    const session = connect(`http://127.0.0.1:${port}`);
    sessions.push(session);
    await once(session, 'connect');
    for (const code of [constants.NGHTTP2_PROTOCOL_ERROR, constants.NGHTTP2_INTERNAL_ERROR, constants.NGHTTP2_CANCEL]) {
      for (const endStream of [true, false]) {
        const stream = session.request({ ':path': '/echo', ':method': 'POST' }, { endStream });
        stream.on('error', () => undefined);
        if (stream.pending) await once(stream, 'ready');
        stream.close(code);
        await new Promise((closed) => stream.once('close', closed));
      }
    }
    expect(await http1(port)).toBe(200);
  });

  it('hears at once that a client of HTTP/2 has ended its connection while it is answered', async () => {
    const port = await start();
    const session = connect(`http://127.0.0.1:${port}`);
    session.on('error', () => undefined);
    const stream = session.request({ ':path': '/endless' });
    stream.on('error', () => undefined);
    await once(stream, 'response');
    session.destroy();
    await endlessLeft;
  });

  it('asks once for each request whether it may come in, whichever protocol it came by', async () => {
    const heads: GuardedRequest[] = [];
    const port = await start({}, (head) => {
      heads.push(head);
      return { allow: false, status: 403, code: 'forbidden', reason: 'not this host', headers: { 'x-why': 'host' } };
    });
    const first = await fetch(`http://127.0.0.1:${port}/info?a=1`);
    expect([first.status, first.headers.get('x-why'), await first.json()]).toEqual([
      403,
      'host',
      { '@type': 'generic_error', error_code: 40300, message: 'not this host' },
    ]);
    expect((await overHttp2(port, { ':path': '/info' })).status).toBe(403);
    const upgrade = 'GET /ws/query HTTP/1.1\r\nHost: y\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n';
    expect(await exchange(port, upgrade)).toMatch(/^HTTP\/1.1 403 Forbidden\r\nx-why: host\r\n/);
    expect(
      heads.map(({ method, path, headers, isUpgrade }) => [
        method,
        path,
        headers.host ?? headers[':authority'],
        isUpgrade,
      ]),
    ).toEqual([
      ['GET', '/info', `127.0.0.1:${port}`, false],
      ['GET', '/info', `127.0.0.1:${port}`, false],
      ['GET', '/ws/query', 'y', true],
    ]);
  });

  it('lets nothing through that a page of another site sends, by any protocol', async () => {
    const config = readServerConfig({});
    const guard = createRequestGuard(guardPolicyFrom('ksql-server', config, { bodies: 'any', routes: routeAccess }));
    const port = await start({}, guard);
    const origin = 'https://elsewhere.example';
    expect((await fetch(`http://127.0.0.1:${port}/info`, { headers: { origin } })).status).toBe(403);
    expect((await overHttp2(port, { ':path': '/info', origin })).status).toBe(403);
    expect((await overHttp2(port, { ':path': '/info', ':authority': 'rebound.example' })).status).toBe(421);
    const upgrade = `GET /ws/query HTTP/1.1\r\nHost: 127.0.0.1\r\nOrigin: ${origin}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n`;
    expect(await exchange(port, upgrade)).toMatch(/^HTTP\/1\.1 403/);
    expect(await http1(port)).toBe(200);
  });

  it('refuses connections beyond its limit, and streams beyond theirs', async () => {
    const port = await start({ connections: 1, streamsPerConnection: 2 });
    const session = connect(`http://127.0.0.1:${port}`);
    sessions.push(session);
    const [settings] = (await once(session, 'remoteSettings')) as [{ maxConcurrentStreams: number }];
    expect(settings.maxConcurrentStreams).toBe(2);
    expect(await exchange(port, PREFACE, EMPTY_SETTINGS)).toBe('');
    expect(await exchange(port, 'GET /typed HTTP/1.1\r\nHost: x\r\n\r\n')).toMatch(
      /^HTTP\/1.1 503 [^]*connections are open/,
    );
    const upgrade = 'GET /ws/query HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n';
    expect(await exchange(port, upgrade)).toMatch(/^HTTP\/1.1 503 /);
    expect([...turnedAway.count()]).toEqual([['too many connections', 3]]);
    expect(turnedAway.news()).toContain('HTTP_CONNECTIONS_MAX is 1');
  });

  it('answers the probes of its health beyond the limit, however many connections say nothing', async () => {
    const port = await start({ connections: 2 });
    const silent = Array.from({ length: 400 }, () => {
      const socket = openSocket(port, '127.0.0.1');
      return socket.on('error', () => undefined);
    });
    try {
      await Promise.all(silent.map((socket) => once(socket, 'connect')));
      expect(await exchange(port, 'GET /info HTTP/1.1\r\nHost: x\r\n\r\n')).toMatch(/^HTTP\/1.1 200 [^]*"info"$/);
      expect(turnedAway.count().get('too many connections')).toBeGreaterThan(100);
      silent[0]?.destroy();
      await new Promise((done) => setTimeout(done, 50));
      expect(await exchange(port, 'GET /typed HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n')).toMatch(
        /^HTTP\/1.1 200 /,
      );
    } finally {
      for (const socket of silent) socket.destroy();
    }
  });
});
