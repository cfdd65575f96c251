import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { FakeWeatherService, type Fault } from '../testing/fake-weather-service.js';
import { newYork } from '../testing/new-york.js';
import { AnswerStore } from './answer-store.js';
import { NwsClient, type NwsClientOptions } from './nws-client.js';
import { NwsError } from './nws-error.js';
import { Places } from './places.js';
import { RequestBudget } from './request-budget.js';

const path = '/stations/KTST/observations/latest';

describe('the client of the weather service', () => {
  const service = new FakeWeatherService();
  let folder: string;
  let nowMs: number;
  const client = (options: { budget?: number } = {}) =>
    new NwsClient({
      baseUrl: service.url,
      contact: 'ops@isobar.example',
      store: new AnswerStore(folder),
      budget: new RequestBudget(options.budget ?? 1_000),
      now: () => nowMs,
      timeoutMs: 1_500,
      retryDelaysMs: [1, 1],
      spacingMs: 0,
      random: () => 0.5,
    });
  const kindOf = async (answer: Promise<unknown>): Promise<string> =>
    answer.then(
      () => 'answered',
      (error: unknown) => (error instanceof NwsError ? error.kind : String(error)),
    );

  beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), 'nws-'));
    nowMs = 1_700_000_000_000;
    service.requests.length = 0;
    service.faults.clear();
    service.maxAgeSeconds = 0;
    service.stations.set('KTST', { observedAtMs: nowMs - 600_000, temperatureC: 20 });
    await service.start();
  });
  afterEach(async () => {
    await service.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  it('says who asks and what it wants', async () => {
    await client().get(path);
    expect(service.requests[0]?.headers).toMatchObject({
      'user-agent': 'isobar/0.1 (ops@isobar.example)',
      accept: 'application/geo+json',
    });
  });

  it('does not ask before an answer expires, and then with its validators', async () => {
    service.maxAgeSeconds = 60;
    const nws = client();
    expect((await nws.get(path)).freshness).toBe('fresh');
    nowMs += 59_000;
    expect((await nws.get(path)).freshness).toBe('cached');
    nowMs += 2_000;
    expect((await nws.get(path)).freshness).toBe('unchanged');
    expect(service.requests[1]?.headers['if-modified-since']).toBe(new Date(1_700_000_000_000 - 600_000).toUTCString());
    nowMs += 61_000;
    service.stations.set('KTST', { observedAtMs: nowMs, temperatureC: 21 });
    expect((await nws.get(path)).freshness).toBe('fresh');
    expect(service.requests).toHaveLength(3);
  });

  it('remembers over a restart', async () => {
    service.maxAgeSeconds = 60;
    const first = await client().get(path);
    const second = await client().get(path);
    expect(second).toEqual({ ...first, freshness: 'cached' });
    expect(service.requests).toHaveLength(1);
  });

  it('tries again after a fault', async () => {
    service.faults.set(path, { kind: 'status', status: 502 });
    expect(await kindOf(client().get(path))).toBe('server-fault');
    expect(service.requests).toHaveLength(3);
  });

  it.each<[string, Fault, string, number]>([
    ['500', { kind: 'status', status: 500, problem: 'UnexpectedProblem' }, 'server-fault', 3],
    ['503 without a grid', { kind: 'status', status: 503, problem: 'ForecastGridExpired' }, 'no-forecast', 1],
    ['403 of the content network', { kind: 'html', status: 403 }, 'blocked', 1],
    ['400', { kind: 'status', status: 400, problem: 'InvalidParameter' }, 'bad-request', 1],
    ['404 of a station', { kind: 'status', status: 404, problem: 'NotFound' }, 'no-data', 1],
    ['404 of a point', { kind: 'status', status: 404, problem: 'InvalidPoint' }, 'outside-area', 1],
    ['404 of the sea', { kind: 'status', status: 404, problem: 'MarineForecastNotSupported' }, 'moved-grid', 1],
    ['HTML with status 200', { kind: 'html', status: 200 }, 'server-fault', 3],
    ['half a body', { kind: 'half-body' }, 'server-fault', 3],
    ['a hanging socket', { kind: 'hang' }, 'unreachable', 1],
    ['a redirect to elsewhere', { kind: 'redirect', to: 'http://localhost:1/x' }, 'refused', 1],
    ['a redirect in circles', { kind: 'redirect', to: path }, 'refused', 4],
  ])('classifies %s', async (_name, fault, kind, requests) => {
    service.faults.set(path, fault);
    expect(await kindOf(client().get(path))).toBe(kind);
    expect(service.requests).toHaveLength(requests);
  });

  it('follows a redirect on the same host', async () => {
    service.faults.set('/old', { kind: 'redirect', to: path });
    expect((await client().get('/old')).freshness).toBe('fresh');
  });

  it('is silent for a while when it was too fast, as long as the service says', async () => {
    service.faults.set(path, { kind: 'status', status: 429, retryAfterSeconds: 20 });
    const nws = client();
    expect(await kindOf(nws.get(path, { retry: false }))).toBe('rate-limited');
    service.faults.clear();
    expect(await kindOf(nws.get(path))).toBe('held-back');
    nowMs += 20_001;
    expect(await kindOf(nws.get(path))).toBe('answered');
    expect(service.requests).toHaveLength(2);
  });

  /** A client that gets what `answer` gives, with nothing kept on disk. */
  const scripted = (
    answer: (url: string, headers: Headers) => Promise<Response> | Response,
    options: Partial<NwsClientOptions> = {},
  ) =>
    new NwsClient({
      baseUrl: 'http://weather.test',
      contact: 'ops@isobar.example',
      store: new AnswerStore(undefined),
      budget: new RequestBudget(1_000),
      now: () => nowMs,
      spacingMs: 0,
      fetch: async (url, { headers }) => answer(url, new Headers(headers)),
      ...options,
    });
  const json = (headers: Record<string, string> = {}): Response =>
    new Response('{"properties":{}}', { headers: { 'Content-Type': 'application/geo+json', ...headers } });

  it('sends back the entity tag exactly as it came', async () => {
    const sent: (string | null)[] = [];
    const nws = scripted((_url, headers) => {
      sent.push(headers.get('if-none-match'));
      return sent.length === 1 ? json({ ETag: 'W/"a:b"' }) : new Response(null, { status: 304 });
    });
    expect((await nws.get(path)).freshness).toBe('fresh');
    expect((await nws.get(path)).freshness).toBe('unchanged');
    expect(sent).toEqual([null, 'W/"a:b"']);
  });

  it('has two requests under way at most, and goes on when one ends', async () => {
    let inFlight = 0;
    let most = 0;
    const nws = scripted(async () => {
      inFlight += 1;
      most = Math.max(most, inFlight);
      await new Promise((resolve) => setTimeout(resolve, 5));
      inFlight -= 1;
      return json();
    });
    await Promise.all(Array.from({ length: 9 }, (_, n) => nws.get(`/stations/K${n}/observations/latest`)));
    expect(most).toBe(2);
  });

  it('waits a random part of a growing pause before another attempt, and Retry-After at least', async () => {
    const waits: number[] = [];
    const options = { random: () => 0.25, sleep: async (ms: number) => void waits.push(ms) };
    const faulty = scripted(() => new Response('', { status: 502 }), options);
    expect(await kindOf(faulty.get(path))).toBe('server-fault');
    expect(waits).toEqual([500, 1_250, 2_500]);
    waits.length = 0;
    const busy = scripted(() => new Response('', { status: 503, headers: { 'Retry-After': '7' } }), options);
    expect(await kindOf(busy.get(path))).toBe('server-fault');
    expect(waits).toEqual([7_000, 7_000, 7_000]);
  });

  it('leaves an endpoint alone that keeps failing, and asks the others all the same', async () => {
    let requests = 0;
    const nws = scripted(
      (url) => {
        requests += 1;
        return url.includes('/gridpoints/OKX/') ? new Response('', { status: 500 }) : json();
      },
      { retryDelaysMs: [] },
    );
    const broken = (): Promise<string> => kindOf(nws.get('/gridpoints/OKX/33,35/forecast'));
    for (let n = 0; n < 5; n += 1) expect(await broken()).toBe('server-fault');
    expect([await broken(), await broken(), requests]).toEqual(['held-back', 'held-back', 5]);
    expect(await kindOf(nws.get('/gridpoints/LOX/154,44/forecast'))).toBe('answered');
    expect(await kindOf(nws.get(path))).toBe('answered');
    nowMs += 60_001;
    expect([await broken(), await broken(), requests]).toEqual(['server-fault', 'held-back', 8]);
  });

  it('keeps where a city lies on disk for a day, over restarts', async () => {
    const places = () => new Places(client());
    const resolve = () => places().placeOf(newYork);
    expect((await resolve()).cell).toBe('TST/1,1');
    nowMs += 23 * 3_600_000;
    expect((await resolve()).cell).toBe('TST/1,1');
    expect(await places().stationsOf(newYork)).toEqual(['KTST']);
    expect(await places().stationsOf(newYork)).toEqual(['KTST']);
    expect([service.count('/points/'), service.count('/stations')]).toEqual([1, 1]);
    nowMs += 2 * 3_600_000;
    await resolve();
    expect(service.count('/points/')).toBe(2);
  });

  it('keeps to the day’s budget; a request that reached nobody costs nothing', async () => {
    const nws = client({ budget: 2 });
    await service.stop();
    for (let i = 0; i < 5; i += 1) expect(await kindOf(nws.get(path))).toBe('unreachable');
    await service.start();
    expect(await kindOf(nws.get(path))).toBe('answered');
    expect(await kindOf(nws.get(path))).toBe('answered');
    expect(await kindOf(nws.get(path))).toBe('held-back');
    nowMs += 25 * 3_600_000;
    expect(await kindOf(nws.get(path))).toBe('answered');
  });

  it('does not keep what the endpoint does not give; the good answer stays at hand', async () => {
    const nws = client();
    const isUsable = (body: unknown): boolean => JSON.stringify(body).includes('gridId');
    const ask = (): Promise<unknown> =>
      nws.get('/points/1,2', { minFreshMs: 86_400_000, isUsable }).then(({ body }) => body);
    const good = await ask();
    nowMs += 86_400_001;
    service.faults.set('/points/', { kind: 'body', body: { soon: true } });
    expect(await ask()).toEqual({ soon: true });
    expect(await nws.kept('/points/1,2', isUsable)).toEqual(good);
    service.faults.clear();
    expect(await ask()).toEqual(good);
  });

  it('does not take an address that hangs for a host that is away', async () => {
    service.stations.set('KAAA', { observedAtMs: nowMs, temperatureC: 1 });
    service.stations.set('KBBB', { observedAtMs: nowMs, temperatureC: 1 });
    service.faults.set(path, { kind: 'hang' });
    service.delayMs = 100;
    const nws = client();
    const asked = [
      path,
      ...['KAAA', 'KBBB', 'KAAA', 'KBBB'].map((id, n) => `/stations/${id}/observations/latest?n=${n}`),
    ];
    service.faults.set('/stations/KAAA', { kind: 'body', body: {} });
    service.faults.set('/stations/KBBB', { kind: 'body', body: {} });
    const kinds = await Promise.all(asked.map((each) => kindOf(nws.get(each))));
    service.delayMs = 0;
    expect(kinds).toEqual(['unreachable', 'answered', 'answered', 'answered', 'answered']);
  });

  it('asks again within a day whatever a header says, and at once what a clock ahead of today has kept', async () => {
    service.maxAgeSeconds = 1e15;
    const nws = client();
    await nws.get(path);
    nowMs += 86_400_001;
    expect((await nws.get(path)).freshness).toBe('unchanged');
    nowMs -= 30 * 86_400_000;
    expect((await nws.get(path)).freshness).toBe('unchanged');
  });

  it('refuses to go where a redirect names no address', async () => {
    service.faults.set(path, { kind: 'redirect', to: 'http://' });
    expect(await kindOf(client().get(path))).toBe('refused');
  });
});
