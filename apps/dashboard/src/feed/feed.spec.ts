import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { CityCatalog } from '@isobar/contracts';
import { Connections, Metrics, Readiness, Shutdown } from '@isobar/service-kit';
import { createServer, type Server, type ServerResponse } from 'node:http';
import { connect, type AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Response } from 'express';
import { pino } from 'pino';
import { Conditions } from '../conditions/conditions.js';
import { ConditionsView } from '../conditions/conditions-view.js';
import { readCityConditions, readUserConditions } from '../conditions/records.js';
import type { PipelineWatch } from '../pipeline/pipeline-watch.js';
import { Feed } from './feed.js';

interface Event {
  readonly id: string | undefined;
  readonly name: string;
  readonly data: Record<string, unknown>;
}

const declared = ['a', 'b'].map((id) => ({ id, name: id, state: 'XX', latitude: 0, longitude: 0, timeZone: 'UTC' }));
const pipeline = { now: () => ({ health: 'ready' }) } as unknown as PipelineWatch;
const catalog = {
  all: () => declared,
  get: (id: string) => declared.find((city) => city.id === id),
  onChange: () => () => true,
} as unknown as CityCatalog;

describe('the feed', () => {
  let view: ConditionsView;
  let shutdown: Shutdown;
  let server: Server;
  const readers: AbortController[] = [];
  const answers: ServerResponse[] = [];

  beforeEach(async () => {
    view = new ConditionsView();
    shutdown = new Shutdown(pino({ level: 'silent' }));
    const config = { SENSOR_INTERVAL_MS: 5_000, WEATHER_POLL_INTERVAL_MS: 60_000 } as never;
    const metrics = new Metrics('test');
    const limits = { connections: 4, slowReaderMs: 60_000 };
    const feed = new Feed(
      new Conditions(view, catalog, config),
      view,
      pipeline,
      catalog,
      shutdown,
      metrics,
      new Connections(limits, metrics, new Readiness(), shutdown, pino({ level: 'silent' })),
    );
    answers.length = 0;
    server = createServer((request, response) => {
      answers.push(response);
      const user = new URL(request.url ?? '', 'http://x').searchParams.get('user');
      const lastEventId = request.headers['last-event-id'] as string | undefined;
      feed.subscribe(response as Response, { userId: user === null ? undefined : Number(user), lastEventId });
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  });

  afterEach(async () => {
    for (const reader of readers.splice(0)) reader.abort();
    await shutdown.run();
    await new Promise((resolve) => server.close(resolve));
  });

  const city = (id: string, temperature: number): void => {
    const value = Buffer.from(JSON.stringify({ SENSOR_TEMPERATURE_F: temperature, SENSOR_MEASURED_AT: Date.now() }));
    view.applyCity(id, readCityConditions({ key: Buffer.from(id), value }).value);
  };
  const user = (id: number, fields: Record<string, unknown> | null): void => {
    const value = fields && Buffer.from(JSON.stringify(fields));
    view.applyUser(id, readUserConditions({ key: Buffer.from(String(id)), value }).value);
  };

  /** Opens a feed; `next` gives the events but the beats, one after another. */
  async function open(query = '', lastEventId?: string): Promise<() => Promise<Event>> {
    const reader = new AbortController();
    readers.push(reader);
    const { port } = server.address() as AddressInfo;
    const answer = await fetch(`http://127.0.0.1:${port}/${query}`, {
      signal: reader.signal,
      headers: lastEventId === undefined ? {} : { 'Last-Event-ID': lastEventId },
    });
    const events = readEvents(answer);
    return async () => {
      for (;;) {
        const { value } = await events.next();
        if (value === undefined) throw new Error('the feed ended');
        if (value.name !== 'beat') return value;
      }
    };
  }

  it('starts with everything and goes on with what changed', async () => {
    city('a', 1);
    const next = await open();
    const snapshot = await next();
    expect(snapshot.name).toBe('snapshot');
    expect(idsOf(snapshot)).toEqual(['a', 'b']);
    city('b', 2);
    const changes = await next();
    expect(changes.name).toBe('changes');
    expect(idsOf(changes)).toEqual(['b']);
    expect(changes.data).not.toHaveProperty('people');
  });

  it('merges many changes into one event with the newest value', async () => {
    const next = await open();
    await next();
    for (let temperature = 1; temperature <= 500; temperature += 1) city('a', temperature);
    const { data } = await next();
    expect(data['cities']).toMatchObject([{ id: 'a', sensors: { temperatureF: { value: 500 } } }]);
  });

  it('sends one who comes back only what changed since', async () => {
    city('a', 1);
    const first = await open();
    const { id } = await first();
    city('b', 2);
    const again = await open('', id);
    const changes = await again();
    expect(changes.name).toBe('changes');
    expect(idsOf(changes)).toEqual(['b']);
  });

  it('sends everything to one who knew an earlier process', async () => {
    city('a', 1);
    const next = await open('', 'deadbeef-1');
    expect((await next()).name).toBe('snapshot');
  });

  it('follows one person, also when that person goes', async () => {
    user(7, { FULL_NAME: 'Ann', CITY_KEY: 'a', COMFORT: 'HOT' });
    const next = await open('?user=7');
    expect((await next()).data['user']).toMatchObject({ id: 7, comfort: 'HOT' });
    user(7, null);
    expect((await next()).data).toMatchObject({ user: null, people: [] });
  });

  it('is open to so many and no more; a place that is left is free', async () => {
    const [first] = [await open(), await open()];
    await first();
    const { port } = server.address() as AddressInfo;
    const refused = await fetch(`http://127.0.0.1:${port}/`);
    expect(refused.status).toBe(503);
    expect(await refused.json()).toMatchObject({ type: expect.stringContaining('too-many-feeds') });
    readers[0]?.abort();
    await new Promise((left) => answers[0]?.once('close', left));
    expect((await (await open())()).name).toBe('snapshot');
  });

  it('lets a slow reader skip values instead of keeping them, and gives it the newest once it reads on', async () => {
    const people = 2_000;
    const longName = 'x'.repeat(1_000);
    const change = (round: number): void => {
      for (let id = 0; id < people; id += 1) user(id, { FULL_NAME: `${round} ${longName}`, CITY_KEY: 'a' });
    };
    change(0);
    const { port } = server.address() as AddressInfo;
    const socket = connect(port, '127.0.0.1');
    socket.write('GET / HTTP/1.1\r\nHost: x\r\n\r\n');
    socket.pause();
    const rounds = 24;
    for (let round = 1; round <= rounds; round += 1) {
      change(round);
      await sleep(260);
    }
    const [answer] = answers;
    // Each round is some two megabytes; what the system's own buffers do not take is one round at most.
    expect(answer?.writableNeedDrain).toBe(true);
    expect(answer?.writableLength).toBeLessThan(6_000_000);
    let received = '';
    socket.setEncoding('latin1').on('data', (text: string) => (received = received.slice(-4_000) + text));
    socket.resume();
    for (const deadline = Date.now() + 15_000; !received.includes(`"${rounds} x`); await sleep(50))
      if (Date.now() > deadline) throw new Error('the newest values never came');
    socket.destroy();
  }, 40_000);
});

const idsOf = ({ data }: Event): string[] => (data['cities'] as { id: string }[]).map(({ id }) => id);

async function* readEvents(answer: Response | globalThis.Response): AsyncGenerator<Event, undefined> {
  const decoder = new TextDecoder();
  let rest = '';
  for await (const chunk of (answer as globalThis.Response).body as unknown as AsyncIterable<Uint8Array>) {
    rest += decoder.decode(chunk, { stream: true });
    const blocks = rest.split('\n\n');
    rest = blocks.pop() ?? '';
    for (const block of blocks) {
      const fields = new Map(
        block.split('\n').map((line) => [line.split(': ', 1)[0] ?? '', line.slice(line.indexOf(': ') + 2)]),
      );
      const data = fields.get('data');
      if (data === undefined) continue;
      yield {
        id: fields.get('id'),
        name: fields.get('event') ?? '',
        data: JSON.parse(data) as Record<string, unknown>,
      };
    }
  }
  return undefined;
}
