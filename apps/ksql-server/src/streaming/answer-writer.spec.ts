import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { connect } from 'node:http2';
import { connect as connectTcp } from 'node:net';
import pino from 'pino';
import { readServerConfig } from '../config.js';
import { listen, type HttpListener } from '../http/http-listener.js';
import { createRouter, type Route } from '../http/router.js';
import { clientsTurnedAway, type ClientsTurnedAway } from '../http/turned-away.js';
import { limitsOf } from '../limits.js';
import { AnswerWriter } from './answer-writer.js';

const SLOW_READER_MS = 300;

describe('an answer without end', () => {
  let listener: HttpListener;
  let turnedAway: ClientsTurnedAway;
  let writtenChars = 0;
  let left: () => void;
  let hasLeft: Promise<void>;

  beforeEach(async () => {
    writtenChars = 0;
    hasLeft = new Promise((resolve) => (left = resolve));
    const write = async (writer: AnswerWriter, path: string): Promise<boolean> => {
      const row = 'x'.repeat(200_000);
      writtenChars += row.length;
      return path.includes('frames') ? writer.writeFrame(row) : writer.writeAll([row]);
    };
    const route: Route = {
      method: 'GET',
      path: '/rows/*',
      produces: [],
      async handle({ rest }, response) {
        response.writeHead(200);
        const writer = new AnswerWriter(response, SLOW_READER_MS, turnedAway);
        while (await write(writer, rest)) await new Promise((resolve) => setImmediate(resolve));
        left();
      },
    };
    const limits = limitsOf(readServerConfig({}));
    turnedAway = clientsTurnedAway(pino({ level: 'silent' }), limits);
    listener = await listen('127.0.0.1', 0, limits, {
      turnedAway,
      guard: () => ({ allow: true, principal: undefined, headers: {} }),
      request: createRouter([route], limits, pino({ level: 'silent' })),
      upgrade: (_request, socket) => socket.destroy(),
    });
  });
  afterEach(() => listener.close());

  describe.each(['rows', 'frames'])('as %s', (kind) => {
    it('is ended when a client of HTTP/1.1 takes nothing of it, and little of it is kept', async () => {
      const socket = connectTcp(listener.port, '127.0.0.1');
      socket.on('error', () => undefined).pause();
      socket.write(`GET /rows/${kind} HTTP/1.1\r\nHost: x\r\n\r\n`);
      await hasLeft;
      socket.destroy();
      expect([...turnedAway.count()]).toEqual([['slow reader', 1]]);
      // The system's own buffers take some megabytes.
      expect(writtenChars).toBeLessThan(30_000_000);
    });

    it('is ended when a client of HTTP/2 takes nothing of it, and its connection goes on', async () => {
      const session = connect(`http://127.0.0.1:${listener.port}`);
      const stream = session.request({ ':path': `/rows/${kind}` });
      stream.on('error', () => undefined);
      stream.pause();
      await hasLeft;
      expect([...turnedAway.count()]).toEqual([['slow reader', 1]]);
      expect(writtenChars).toBeLessThan(30_000_000);
      const other = session.request({ ':path': '/nowhere' });
      const status = await new Promise((resolve) => other.on('response', (headers) => resolve(headers[':status'])));
      expect(status).toBe(404);
      session.destroy();
    });

    it('is ended when its client leaves in the middle', async () => {
      const abort = new AbortController();
      const response = await fetch(`http://127.0.0.1:${listener.port}/rows/${kind}`, { signal: abort.signal });
      await response.body?.getReader().read();
      abort.abort();
      await hasLeft;
      expect([...turnedAway.count()]).toEqual([]);
    });

    it('is ended when its stream of HTTP/2 is left in the middle', async () => {
      const session = connect(`http://127.0.0.1:${listener.port}`);
      const stream = session.request({ ':path': `/rows/${kind}` });
      stream.once('data', () => stream.close());
      await hasLeft;
      session.destroy();
    });
  });
});
