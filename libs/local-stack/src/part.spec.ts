import { afterEach, describe, expect, it } from '@jest/globals';
import type { Server } from 'node:http';
import { checkHttp, checkUsableAndHealthy } from './part.js';
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

  describe('of a server that is used before all is well with it', () => {
    it('is ready with its trouble when it is usable and does not keep what it promises', async () => {
      const [usable, healthy] = [await answering(200, '{}'), await answering(503, report('not ready'))];
      expect(await checkUsableAndHealthy({ usable, healthy: [healthy] })).toEqual({
        ready: true,
        sees: '',
        trouble: 'connectors: no worker',
      });
    });

    it('asks the older path of one that does not have the new one', async () => {
      const [usable, absent] = [await answering(200, '{}'), await answering(404, '')];
      expect(await checkUsableAndHealthy({ usable, healthy: [absent, await answering(200, '{}')] })).toEqual({
        ready: true,
        sees: '',
      });
      expect(await checkUsableAndHealthy({ usable, healthy: [absent, await answering(503, '')] })).toMatchObject({
        trouble: '/readyz answers 503',
      });
      expect(await checkUsableAndHealthy({ usable, healthy: [absent] })).toEqual({ ready: true, sees: '' });
    });

    it('is not ready when it is not usable', async () => {
      const [usable, healthy] = [await answering(503, ''), await answering(200, '')];
      expect(await checkUsableAndHealthy({ usable, healthy: [healthy] })).toMatchObject({ ready: false });
    });
  });

  it('tells an error from silence', async () => {
    expect(await checkHttp(await answering(404, ''))).toEqual({ ready: false, sees: '/readyz answers 404' });
    const url = await answering(200, '');
    servers.at(-1)?.close();
    expect(await checkHttp(url)).toEqual({ ready: false, sees: 'not listening yet' });
  });
});
