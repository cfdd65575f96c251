import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { parseProducerSettings, readTopic, RecordProducer, silentLog, type KafkaClientOptions } from '@isobar/kafka';
import { startKsqlServer, type KsqlServerProcess } from '@isobar/ksql-client/testing';
import { startTestStack, until, type TestStack } from '@isobar/local-stack/testing';
import type { RunningService } from '@isobar/service-kit';
import { execFile } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { isDeepStrictEqual } from 'node:util';
import { startStreamAdmin } from './start-stream-admin.js';

interface Page {
  readonly items: readonly { readonly id: string; readonly replayed: boolean; readonly reason: string }[];
  readonly nextCursor: string | null;
}

const sources = `CREATE STREAM readings (sensor_id VARCHAR KEY, city_key VARCHAR, temperature_fahrenheit DOUBLE)
  WITH (KAFKA_TOPIC = 'iot-sensors', VALUE_FORMAT = 'JSON');
`;
const result = `CREATE STREAM warm_readings WITH (KAFKA_TOPIC = 'warm-readings', VALUE_FORMAT = 'JSON') AS
  SELECT sensor_id, city_key, temperature_fahrenheit FROM readings WHERE temperature_fahrenheit > 50 EMIT CHANGES;
`;

describe('dead letters of the pipeline', () => {
  let stack: TestStack;
  let ksqlServer: KsqlServerProcess;
  let admin: RunningService;
  let folder: string;
  let options: KafkaClientOptions;
  let producer: RecordProducer;

  const api = async <Body = Record<string, unknown>>(method: string, path: string, body?: unknown) => {
    const response = await fetch(`${admin.url}${path}`, {
      method,
      ...(body === undefined ? {} : { headers: { 'Content-Type': 'application/json' }, body: JSON.stringify(body) }),
    });
    return { status: response.status, body: (await response.json()) as Body };
  };
  const page = async (query = ''): Promise<Page> => (await api<Page>('GET', `/dead-letters${query}`)).body;
  const rows = async (): Promise<string[]> => {
    const values: string[] = [];
    await readTopic(options, 'warm-readings', ({ value }) => values.push(value?.toString() ?? ''));
    return values.map((value) => String((JSON.parse(value) as Record<string, unknown>)['CITY_KEY'])).sort();
  };
  const produce = (value: string, city: string): Promise<void> =>
    producer.send({
      topic: 'iot-sensors',
      key: `${city}-01`,
      value,
      headers: { trace: 't' },
      timestamp: '1700000000000',
    });
  const reading = (city: string): string => JSON.stringify({ city_key: city, temperature_fahrenheit: 70 });

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'dead-letters-'));
    for (const name of ['ksql', 'connectors']) mkdirSync(join(folder, name));
    writeFileSync(join(folder, 'ksql/readings.sql'), sources);
    writeFileSync(join(folder, 'ksql/warm_readings.sql'), result);
    stack = await startTestStack({ parts: ['kafka'] });
    options = { brokers: [stack.kafkaBrokers], clientId: 'test', log: silentLog };
    ksqlServer = await startKsqlServer(stack.kafkaBrokers);
    admin = await startStreamAdmin(folder, stack, { KSQLDB_URL: ksqlServer.url });
    producer = new RecordProducer(options, parseProducerSettings('linger.ms=0'));
    await until('ready', 30_000, async () => (await api('GET', '/readyz')).status === 200);
  }, 120_000);
  afterAll(async () => {
    await producer?.close();
    await admin?.stop();
    await ksqlServer?.stop();
    await stack?.stop();
    rmSync(folder, { recursive: true, force: true });
  }, 60_000);

  it('are visible within 10 s with bytes, headers, place and reason', async () => {
    await produce(reading('miami-fl'), 'miami-fl');
    const startedMs = Date.now();
    await produce('{"city_key": "chicago-il", "temperature_fahrenheit": ', 'chicago-il');
    await until('the dead letter', 10_000, async () => (await page()).items.length === 1);
    expect(Date.now() - startedMs).toBeLessThan(10_000);
    const id = (await page()).items[0]?.id ?? '';
    expect((await api('GET', `/dead-letters/${id}`)).body).toMatchObject({
      id,
      topic: 'iot-sensors',
      service: expect.stringMatching(/^ksql-server .*WARM_READINGS/),
      reason: expect.stringMatching(/./),
      recordedAt: '2023-11-14T22:13:20.000Z',
      key: { text: 'chicago-il-01' },
      value: { text: '{"city_key": "chicago-il", "temperature_fahrenheit": ' },
      headers: [{ name: 'trace', text: 't', base64: 'dA==' }],
      replayed: false,
    });
    expect((await api('GET', '/dead-letters/iot-sensors:0:999')).status).toBe(404);
    await until('its count', 10_000, async () =>
      (await (await fetch(`${admin.url}/metrics`)).text()).includes(
        'isobar_dead_letters{topic="iot-sensors",state="waiting",service="stream-admin"} 1',
      ),
    );
  }, 40_000);

  it('become the right row once when they are mended and replayed', async () => {
    const id = (await page()).items[0]?.id ?? '';
    expect(await api('POST', `/dead-letters/${id}/replay`, { value: 'x', valueBase64: 'eA==' })).toMatchObject({
      status: 422,
    });
    // Two at once: one of them is refused.
    const answers = await Promise.all(
      [1, 2].map(() => api('POST', `/dead-letters/${id}/replay`, { value: reading('chicago-il') })),
    );
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 409]);
    await until('the row', 15_000, async () => (await rows()).includes('chicago-il'));
    await delay(1_000);
    expect(await rows()).toEqual(['chicago-il', 'miami-fl']);
    expect((await page()).items).toMatchObject([{ id, replayed: true }]);
    expect((await page('?replayed=false')).items).toEqual([]);
  }, 60_000);

  it('are listed in pages, filtered, and replayed together', async () => {
    for (let number = 0; number < 5; number += 1) await produce('not JSON', `city-${number}`);
    await until('five letters', 15_000, async () => (await page('?replayed=false')).items.length === 5);
    const first = await page('?limit=4&topic=iot-sensors');
    const second = await page(`?limit=4&topic=iot-sensors&cursor=${first.nextCursor ?? ''}`);
    expect([first.items.length, second.items.length, second.nextCursor]).toEqual([4, 2, null]);
    expect(new Set([...first.items, ...second.items].map(({ id }) => id)).size).toBe(6);
    expect((await page('?topic=weather-data')).items).toEqual([]);
    expect((await api('GET', '/dead-letters?limit=0')).status).toBe(422);
    expect((await api('POST', '/dead-letters/replay', {})).status).toBe(422);

    // Still no JSON: they are set aside again, under the places of their second try.
    const { body } = await api<{ replayed: string[] }>('POST', '/dead-letters/replay', { topic: 'iot-sensors' });
    expect(body.replayed).toHaveLength(5);
    await until('five more', 15_000, async () => (await page()).items.length === 11);
    expect((await page('?replayed=false')).items).toHaveLength(5);
    expect((await api('POST', '/dead-letters/replay', { ids: body.replayed })).body).toEqual({ replayed: [] });
    expect(await rows()).toEqual(['chicago-il', 'miami-fl']);
  }, 90_000);

  it('are listed, shown and mended on the command line', async () => {
    const isobar = (...args: string[]): Promise<{ code: number; stdout: string; stderr: string }> =>
      new Promise((resolve) => {
        execFile(
          process.execPath,
          [join(import.meta.dirname, '../../isobar/bin/isobar.mjs'), 'dlq', ...args],
          { env: { ...process.env, STREAM_ADMIN_URL: admin.url, NODE_OPTIONS: '' } },
          (error, stdout, stderr) => resolve({ code: Number(error?.code ?? 0), stdout, stderr }),
        );
      });
    const [newest] = (await page('?replayed=false')).items;
    const id = newest?.id ?? '';
    expect((await isobar('list', '--waiting')).stdout).toContain(`${id}  waiting`);
    expect(JSON.parse((await isobar('list', '-o', 'json', '-n', '1')).stdout)).toMatchObject([{ id }]);
    expect((await isobar('show', id)).stdout).toMatch(/^value +not JSON$/m);
    expect(await isobar('replay', id, '--value', reading('boise-id'))).toMatchObject({
      code: 0,
      stdout: `put back 1\n  ${id}\n`,
    });
    expect(await isobar('replay', id)).toMatchObject({ code: 1, stderr: expect.stringContaining('replayed before') });
    const expected = ['boise-id', 'chicago-il', 'miami-fl'];
    await until('the row', 15_000, async () => isDeepStrictEqual(await rows(), expected));
  }, 60_000);

  it('stand beside topics and groups', async () => {
    expect((await api('GET', '/topics/iot-sensors')).body).toMatchObject({
      name: 'iot-sensors',
      partitions: { length: 3 },
    });
    expect((await api('GET', '/topics/nowhere')).status).toBe(404);
    const { body } = await api<{ items: { name: string }[] }>('GET', '/topics');
    expect(body.items.map(({ name }) => name)).toEqual(expect.arrayContaining(['dead-letters', 'warm-readings']));
    expect((await api('GET', '/consumer-groups')).status).toBe(200);
    expect((await api('GET', '/consumer-groups/nobody')).status).toBe(404);
  }, 20_000);
});
