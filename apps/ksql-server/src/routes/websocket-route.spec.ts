import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import pino from 'pino';
import { WebSocket } from 'ws';
import { readServerConfig } from '../config.js';
import { listen, type HttpListener } from '../http/http-listener.js';
import { createRouter } from '../http/router.js';
import { clientsTurnedAway } from '../http/turned-away.js';
import { limitsOf } from '../limits.js';
import type { ServerContext } from '../server-context.js';
import { exchange } from '../testing/raw-connection.js';
import { websocketUpgrade } from './websocket-route.js';

const HEAD =
  'GET /ws/query HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n';

describe('/ws/query', () => {
  let listener: HttpListener;
  beforeAll(async () => {
    const limits = limitsOf(readServerConfig({}));
    const log = pino({ level: 'silent' });
    const turnedAway = clientsTurnedAway(log, limits);
    const context = { log, limits, turnedAway, state: 'INITIALIZING', engine: undefined } as ServerContext;
    const handlers = {
      turnedAway,
      guard: () => ({ allow: true, principal: undefined, headers: {} }) as const,
      request: createRouter([], limits, log),
      upgrade: websocketUpgrade(context),
    };
    listener = await listen('127.0.0.1', 0, limits, handlers);
  });
  afterAll(() => listener.close());

  /** The code that the server closes with. */
  const closeCode = (query: string, act: (socket: WebSocket) => void = () => undefined): Promise<number> =>
    new Promise((resolve, reject) => {
      const socket = new WebSocket(`ws://127.0.0.1:${listener.port}/ws/query${query}`);
      socket.on('open', () => act(socket)).on('error', reject);
      socket.on('close', (code) => resolve(code));
    });

  it('says with a code what is wrong with a request', async () => {
    expect(await closeCode('')).toBe(1003);
    expect(await closeCode('?request=%zz')).toBe(1003);
    expect(await closeCode('?request={"ksql":"SELECT 1;"}')).toBe(1013);
  });

  it('takes the properties that the other end points take', async () => {
    const codeWith = (streamsProperties: object): Promise<number> =>
      closeCode(`?request=${encodeURIComponent(JSON.stringify({ ksql: 'SELECT 1;', streamsProperties }))}`);
    expect(await codeWith({ 'auto.offset.reset': 'earliest' })).toBe(1013);
    expect(await codeWith({ 'auto.offset.reset': 'soon' })).toBe(1003);
    expect(await codeWith({ 'ksql.expression.steps.max': '1000000000000' })).toBe(1003);
  });

  it.each([
    [
      'a frame that is too large',
      Buffer.concat([Buffer.from([0x82, 0xff, 0, 0, 0, 0, 0, 2, 0, 0]), Buffer.alloc(131_076)]),
    ],
    ['a frame that says it is larger than memory', Buffer.from([0x82, 0xff, 0x7f, 255, 255, 255, 255, 255, 255, 255])],
    ['a frame without a mask', Buffer.from([0x81, 0x01, 0x41])],
    ['a frame of an unknown kind', Buffer.from([0x83, 0x80, 0, 0, 0, 0])],
    ['a continuation of nothing', Buffer.from([0x80, 0x80, 0, 0, 0, 0])],
    ['a close frame with a code of nobody', Buffer.from([0x88, 0x82, 0, 0, 0, 0, 0, 1])],
    ['text that is no UTF-8', Buffer.from([0x81, 0x82, 0, 0, 0, 0, 0xc3, 0x28])],
  ])('is not ended by %s', async (_, frame) => {
    expect(await exchange(listener.port, Buffer.concat([Buffer.from(HEAD), frame]))).toMatch(/^HTTP\/1\.1 101/);
    expect(await closeCode('')).toBe(1003);
  });

  it.each([
    ['no key', HEAD.replace(/Sec-WebSocket-Key.*\r\n/, '')],
    ['an odd version', HEAD.replace('Version: 13', 'Version: 99')],
    ['another method', HEAD.replace('GET', 'POST')],
    ['another path', HEAD.replace('/ws/query', '//')],
  ])('refuses an upgrade with %s', async (_, head) => {
    expect(await exchange(listener.port, head)).toMatch(/^HTTP\/1\.1 4\d\d/);
    expect(await closeCode('')).toBe(1003);
  });
});
