import { afterEach, describe, expect, it } from '@jest/globals';
import { Controller, Get, Module, Res } from '@nestjs/common';
import type { Response } from 'express';
import { EventEmitter, once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { Readable } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import { serviceConfig } from '../config/service-config.js';
import { createService, type RunningService } from '../create-service.js';
import { Connections } from './connections.js';

/** Together more than the buffers of the system between two sockets of this machine hold. */
const pieces = Array.from({ length: 1_000 }, () => Buffer.alloc(64 * 1024, 'x'));

@Controller('parcels')
class ParcelController {
  constructor(private readonly connections: Connections) {}

  @Get()
  list(): string[] {
    return ['a', 'b'];
  }

  @Get('live')
  live(@Res() response: Response): void {
    if (this.connections.admitFeed(response)) response.writeHead(200).write('x');
  }

  @Get('long')
  long(@Res() response: Response): void {
    Readable.from(pieces).pipe(response);
  }
}

@Module({ controllers: [ParcelController] })
class ParcelModule {}

describe('the connections of a service', () => {
  let service: RunningService;
  const sockets: Socket[] = [];

  const start = async (environment: Record<string, string>): Promise<void> => {
    service = await createService(
      { name: 'parcels', module: ParcelModule, config: serviceConfig(0) },
      { LOG_LEVEL: 'silent', PORT: '0', ...environment },
    );
  };
  afterEach(async () => {
    for (const socket of sockets.splice(0)) socket.destroy();
    await service?.stop();
  });

  const open = async (request = ''): Promise<Socket> => {
    const socket = connect(Number(new URL(service.url).port), '127.0.0.1');
    sockets.push(socket);
    socket.on('error', () => undefined);
    await once(socket, 'connect');
    socket.write(request);
    return socket;
  };
  const ask = (path: string): string => `GET ${path} HTTP/1.1\r\nHost: localhost\r\n\r\n`;
  /** The status, and how the answer leaves the connection; every question is asked over one of its own. */
  const get = async (path: string): Promise<{ status: number; connection: string | null; text: string }> => {
    const answer = await fetch(`${service.url}${path}`, { headers: { Connection: 'close' } });
    return { status: answer.status, connection: answer.headers.get('connection'), text: await answer.text() };
  };
  const turnedAway = async (reason: string): Promise<number> => {
    const line = new RegExp(`^isobar_http_turned_away_total\\{reason="${reason}"[^}]*\\} (\\d+)$`, 'm');
    return Number(line.exec((await get('/metrics')).text)?.[1] ?? 0);
  };

  it('are so many; beyond them health and metrics are answered, everything else refused with 503', async () => {
    await start({ HTTP_CONNECTIONS_MAX: '3' });
    const silent = [await open(), await open(), await open()];
    expect(await get('/parcels')).toMatchObject({
      status: 503,
      connection: 'close',
      text: expect.stringContaining('too-many-connections'),
    });
    expect(await get('/healthz')).toMatchObject({ status: 200, connection: 'close' });
    expect(await get('/readyz')).toMatchObject({
      status: 200,
      text: expect.stringContaining('HTTP_CONNECTIONS_MAX is 3'),
    });
    expect(await turnedAway('too many connections')).toBe(1);
    silent[0]?.destroy();
    await sleep(50);
    expect((await get('/parcels')).status).toBe(200);
  });

  it('that ask nothing give way beyond the limit, so that a thousand of them do not hide that the service lives', async () => {
    await start({ HTTP_CONNECTIONS_MAX: '3' });
    for (let opened = 0; opened < 1_000; opened += 1) await open();
    expect((await get('/healthz')).status).toBe(200);
    expect(await turnedAway('too many connections')).toBeGreaterThan(700);
  }, 30_000);

  it('are half for feeds, so that others are still answered', async () => {
    await start({ HTTP_CONNECTIONS_MAX: '8' });
    const feeds = await Promise.all([1, 2, 3, 4].map(async () => once(await open(ask('/parcels/live')), 'data')));
    expect(String(feeds[3])).toContain('200 OK');
    expect(await get('/parcels/live')).toMatchObject({ status: 503, text: expect.stringContaining('too-many-feeds') });
    expect((await get('/parcels')).status).toBe(200);
    expect(await turnedAway('too many feeds')).toBe(1);
    sockets[0]?.destroy();
    await sleep(50);
    const left = Object.assign(new EventEmitter(), { destroyed: true }) as unknown as Response;
    for (let times = 0; times < 10; times += 1) expect(service.app.get(Connections).admitFeed(left)).toBe(false);
    const [again] = (await once(await open(ask('/parcels/live')), 'data')) as [Buffer];
    expect(again.toString()).toContain('200 OK');
  });

  it('end when their client takes nothing for so long, and not while it takes a little', async () => {
    await start({ HTTP_SLOW_READER_MS: '400' });
    const idle = await open();
    const reader = await open(ask('/parcels/long'));
    reader.on('data', () => reader.pause());
    for (const deadline = Date.now() + 1_600; Date.now() < deadline; await sleep(10)) reader.resume();
    const taken = reader.bytesRead;
    expect(await turnedAway('slow reader')).toBe(0);
    await sleep(1_500);
    expect(await turnedAway('slow reader')).toBe(1);
    const closed = once(reader, 'close');
    reader.removeAllListeners('data').resume();
    await closed;
    expect(taken).toBeGreaterThan(0);
    expect(reader.bytesRead).toBeLessThan(pieces.length * 64 * 1024);
    expect(idle.readyState).toBe('open');
  });
});
