import { afterEach, describe, expect, it } from '@jest/globals';
import { Body, Controller, Get, HttpCode, Module, Post } from '@nestjs/common';
import { once } from 'node:events';
import type { IncomingMessage } from 'node:http';
import { connect } from 'node:net';
import type { Duplex } from 'node:stream';
import { serviceConfig } from '../config/service-config.js';
import { createService, type RunningService } from '../create-service.js';

let sent: unknown[] = [];

@Controller('parcels')
class ParcelController {
  @Get()
  list(): string[] {
    return ['a', 'b'];
  }

  @Post()
  @HttpCode(202)
  send(@Body() body: unknown): void {
    sent.push(body);
  }
}

@Module({ controllers: [ParcelController] })
class ParcelModule {}

const token = 'a-token-of-some-length';

describe('a guarded service', () => {
  let service: RunningService;

  const start = async (environment: Record<string, string> = {}) => {
    sent = [];
    service = await createService(
      {
        name: 'parcels',
        module: ParcelModule,
        config: serviceConfig(0),
        api: { title: 'Parcels', description: 'Sends parcels' },
      },
      { LOG_LEVEL: 'silent', PORT: '0', ...environment },
    );
  };
  afterEach(async () => {
    await service?.stop();
  });

  /** Sends lines as they are and reads the answer to its end; fetch would mend what is odd about them. */
  const send = async (...lines: string[]): Promise<string> => {
    const socket = connect(Number(new URL(service.url).port), '127.0.0.1');
    const chunks: Buffer[] = [];
    socket.on('data', (chunk: Buffer) => chunks.push(chunk));
    socket.write(`${lines.join('\r\n')}\r\n\r\n`);
    await once(socket, 'close');
    return Buffer.concat(chunks).toString('utf8');
  };
  const status = async (...lines: string[]) => Number((await send(...lines, 'Connection: close')).split(' ')[1]);
  const request = async (path: string, headers: Record<string, string>, init: RequestInit = {}) =>
    (await fetch(`${service.url}${path}`, { ...init, headers })).status;

  it('refuses before it reads a body, with a problem and its request id', async () => {
    await start();
    const answer = await send(
      'POST /parcels HTTP/1.1',
      'Host: localhost',
      'Origin: https://evil.example',
      'Content-Type: application/json',
      'Content-Length: 9',
      'Connection: close',
      '',
      '{"broken"',
    );
    expect(answer).toMatch(/^HTTP\/1.1 403 [^]*x-request-id: [^]*application\/problem\+json/i);
    expect(answer).toContain('"type":"https://isobar.example/problems/foreign-origin"');
    expect(answer).toMatch(/"requestId":"[^"]{8,}"/);
    expect(sent).toEqual([]);
  });

  it('answers to its own names alone', async () => {
    await start();
    for (const host of ['localhost:1', '127.0.0.1', '[::1]:99', 'LOCALHOST', 'localhost.'])
      expect(await status('GET /parcels HTTP/1.1', `Host: ${host}`)).toBe(200);
    for (const path of ['/parcels', '/healthz', '/metrics', '/api/docs', '/api/docs-json', '/nowhere'])
      expect(await status(`GET ${path} HTTP/1.1`, 'Host: evil.example')).toBe(421);
    for (const host of ['localhost@evil.example', 'localhost, evil.example', ''])
      expect(await status('GET /parcels HTTP/1.1', `Host: ${host}`)).toBe(400);
    expect(await status('GET /parcels HTTP/1.1', 'Host: localhost', 'Host: localhost')).toBe(400);
    expect(await status('GET /parcels HTTP/1.1')).toBe(400);
    expect(await status('GET /parcels HTTP/1.0')).toBe(400);
    expect(await status('GET /parcels HTTP/1.0', 'Host: localhost')).toBe(200);
    expect(await status('GET http://localhost/parcels HTTP/1.1', 'Host: localhost')).toBe(400);
    expect(await status('OPTIONS * HTTP/1.1', 'Host: evil.example')).toBe(421);
  });

  it('takes JSON, and no form that a page may send to anyone', async () => {
    await start();
    const post = (type: string) =>
      request('/parcels', { 'Content-Type': type }, { method: 'POST', body: '{"to":"a"}' });
    expect(await post('application/json')).toBe(202);
    for (const type of ['text/plain', 'application/x-www-form-urlencoded', 'multipart/form-data; boundary=x'])
      expect(await post(type)).toBe(415);
    expect(await request('/parcels', {}, { method: 'POST' })).toBe(202);
    expect(sent).toHaveLength(2);
  });

  it('asks for credentials everywhere but where its health is told', async () => {
    await start({ AUTH_TOKEN: token });
    for (const path of ['/parcels', '/metrics', '/health', '/api/docs', '/api/docs-json', '/nowhere']) {
      expect(await request(path, {})).toBe(401);
      expect(await request(path, { Authorization: `Bearer ${token}x` })).toBe(401);
      expect([200, 404]).toContain(await request(path, { Authorization: `Bearer ${token}` }));
    }
    expect(await send('GET /parcels HTTP/1.1', 'Host: localhost', 'Connection: close')).toMatch(
      /www-authenticate: Basic realm="isobar"/i,
    );
    for (const path of ['/healthz', '/readyz']) expect(await request(path, {})).toBe(200);
    const description = await fetch(`${service.url}/api/docs-json`, { headers: { Authorization: `Bearer ${token}` } });
    expect(await description.json()).toMatchObject({ security: [{ bearer: [] }, { basic: [] }] });
  });

  it('only answers questions when told so', async () => {
    await start({ READ_ONLY: 'true' });
    expect(await request('/parcels', {})).toBe(200);
    expect(await request('/parcels', {}, { method: 'POST' })).toBe(403);
    expect(sent).toEqual([]);
  });

  it('lets an allowed page of another site ask, send and read', async () => {
    await start({ ALLOWED_ORIGINS: 'https://ops.example' });
    const asks = { Origin: 'https://ops.example', 'Access-Control-Request-Method': 'POST' };
    const preflight = await fetch(`${service.url}/parcels`, { method: 'OPTIONS', headers: asks });
    expect(preflight.status).toBe(204);
    expect(preflight.headers.get('access-control-allow-origin')).toBe('https://ops.example');
    const answer = await fetch(`${service.url}/parcels`, { headers: { Origin: 'https://ops.example' } });
    expect(answer.status).toBe(200);
    expect(answer.headers.get('access-control-allow-origin')).toBe('https://ops.example');
    const foreign = await fetch(`${service.url}/parcels`, {
      method: 'OPTIONS',
      headers: { ...asks, Origin: 'https://evil.example' },
    });
    expect(foreign.status).toBe(403);
    expect(foreign.headers.get('access-control-allow-origin')).toBeNull();
  });

  it('judges upgrades, whether or not somebody takes them', async () => {
    await start();
    const upgrade = ['GET /parcels HTTP/1.1', 'Connection: Upgrade', 'Upgrade: websocket'];
    expect(await status(...upgrade, 'Host: localhost', 'Origin: https://evil.example')).toBe(403);
    let upgrades = 0;
    service.app.getHttpServer().on('upgrade', (_request: IncomingMessage, socket: Duplex) => {
      if (!socket.writable) return;
      upgrades += 1;
      socket.end('HTTP/1.1 101 Switching Protocols\r\n\r\n');
    });
    const taken = async (...lines: string[]) => Number((await send(...upgrade, ...lines)).split(' ')[1]);
    expect(await taken('Host: localhost')).toBe(101);
    expect(await taken('Host: localhost', 'Origin: http://localhost')).toBe(101);
    expect(await taken('Host: localhost', 'Origin: https://evil.example')).toBe(403);
    expect(await taken('Host: localhost', 'Origin: null')).toBe(403);
    expect(await taken('Host: evil.example', 'Origin: http://evil.example')).toBe(421);
    expect(upgrades).toBe(2);
  });

  it('does not start beyond loopback without credentials', async () => {
    await expect(start({ HOST: '0.0.0.0' })).rejects.toThrow(/parcels cannot start[^]*HOST is "0.0.0.0".*AUTH_TOKEN/);
    await start({ HOST: '0.0.0.0', AUTH_TOKEN: token });
    expect(await status('GET /parcels HTTP/1.1', 'Host: localhost')).toBe(401);
  });
});
