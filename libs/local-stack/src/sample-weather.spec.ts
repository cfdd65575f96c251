import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describeSampleWeather } from './sample-weather.js';

describe('whether the weather is a simulation', () => {
  let server: Server;
  let source = 'sample';

  /** weather-ingest, as far as it is asked, behind a token. */
  beforeAll(async () => {
    server = createServer((request, response) => {
      const isKnown = request.headers.authorization === 'Bearer secret';
      const body =
        request.url === '/cities' ? { items: [{ id: 'miami-fl' }] } : { source, trouble: { message: 'no way' } };
      response.writeHead(isKnown ? 200 : 401).end(JSON.stringify(body));
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  });
  afterAll(() => void server.close());

  const ask = (token: string | undefined) =>
    describeSampleWeather(`http://127.0.0.1:${(server.address() as AddressInfo).port}`, token);

  it('is told, where credentials are asked for too', async () => {
    expect(await ask('secret')).toBe('the weather is simulated and labelled sample everywhere (no way)');
  });

  it('is not known where nobody answers us, and not told of real weather', async () => {
    expect(await ask(undefined)).toBeUndefined();
    source = 'nws';
    expect(await ask('secret')).toBeUndefined();
  });
});
