import { afterEach, describe, expect, it } from '@jest/globals';
import type { Server } from 'node:http';
import { checkHttp } from './part.js';
import { occupyPort } from './testing/fake-part.js';

describe('checkHttp', () => {
  const servers: Server[] = [];
  afterEach(() => {
    for (const server of servers.splice(0)) server.close();
  });

  async function answering(status: number, body: string): Promise<string> {
    const { server, port } = await occupyPort();
    servers.push(server);
    server.on('request', (_request, response) => response.writeHead(status).end(body));
    return `http://127.0.0.1:${port}/readyz`;
  }

  const report = (status: string): string =>
    JSON.stringify({ status, parts: { kafka: { status: 'up' }, connectors: { status: 'down', reason: 'no worker' } } });

  it('is ready on 200', async () => {
    expect(await checkHttp(await answering(200, 'fine'))).toEqual({ ready: true, sees: '' });
  });

  it('says what a service of ours waits for', async () => {
    expect(await checkHttp(await answering(503, report('not ready')))).toEqual({
      ready: false,
      sees: 'connectors: no worker',
    });
  });

  it('is ready but degraded when the service says so', async () => {
    expect(await checkHttp(await answering(200, report('degraded')))).toEqual({
      ready: true,
      sees: 'connectors: no worker',
      degraded: 'connectors: no worker',
    });
  });

  it('tells an error from silence', async () => {
    expect(await checkHttp(await answering(404, ''))).toEqual({ ready: false, sees: '/readyz answers 404' });
    const url = await answering(200, '');
    servers.at(-1)?.close();
    expect(await checkHttp(url)).toEqual({ ready: false, sees: 'not listening yet' });
  });
});
