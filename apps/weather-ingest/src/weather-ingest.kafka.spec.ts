import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import {
  readCities,
  weatherAlertV1,
  weatherForecastV1,
  weatherObservationV1,
  type WeatherObservation,
} from '@isobar/contracts';
import { readTopic, silentLog, type KafkaClientOptions } from '@isobar/kafka';
import { startTestStack, until, type TestStack } from '@isobar/local-stack/testing';
import { createService, type RunningService } from '@isobar/service-kit';
import { SchedulerRegistry } from '@nestjs/schedule';
import { copyFileSync, existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { AppModule } from './app.module.js';
import { configSchema } from './config.js';
import { FakeWeatherService } from './testing/fake-weather-service.js';

const citiesFile = fileURLToPath(new URL('../../../config/cities.json', import.meta.url));
const cities = readCities(citiesFile);

describe('weather-ingest', () => {
  const nws = new FakeWeatherService();
  const cacheFolder = mkdtempSync(join(tmpdir(), 'weather-cache-'));
  let stack: TestStack;
  let options: KafkaClientOptions;
  let service: RunningService | undefined;

  const start = async (environment: Record<string, string> = {}): Promise<void> => {
    service = await createService(
      { name: 'weather-ingest', module: AppModule, config: configSchema, api: { title: 'Weather', description: '' } },
      {
        PORT: '0',
        LOG_LEVEL: 'silent',
        KAFKA_BROKERS: stack.kafkaBrokers,
        CITIES_FILE: citiesFile,
        CACHE_DIR: cacheFolder,
        NWS_BASE_URL: nws.url,
        ...environment,
      },
    );
  };
  const valuesOf = async <Value>(
    topic: string,
    type: { parseValue(bytes: Buffer | null): Value | null },
  ): Promise<Value[]> => {
    const values: Value[] = [];
    await readTopic(options, topic, (record) => {
      const value = type.parseValue(record.value);
      if (value !== null) values.push(value);
    });
    return values;
  };
  const records = async (): Promise<{ key: string; value: WeatherObservation }[]> => {
    const result: { key: string; value: WeatherObservation }[] = [];
    await readTopic(options, 'weather-data', (record) => {
      const value = weatherObservationV1.parseValue(record.value);
      if (value !== null) result.push({ key: record.key?.toString() ?? '', value });
    });
    return result;
  };
  const api = async (path: string, init?: RequestInit) => {
    const response = await fetch(`${service?.url}${path}`, init);
    return { status: response.status, body: (await response.json()) as Record<string, unknown> };
  };

  beforeAll(async () => {
    await nws.start();
    await nws.stop(); // the port is ours, and nobody answers on it
    stack = await startTestStack({ parts: ['kafka'] });
    options = { brokers: [stack.kafkaBrokers], clientId: 'test', log: silentLog };
  }, 120_000);
  afterAll(async () => {
    await service?.stop();
    await nws.stop();
    await stack?.stop();
    rmSync(cacheFolder, { recursive: true, force: true });
  }, 30_000);

  it('has labelled weather of every city within seconds although the weather service is out of reach', async () => {
    await start();
    const startedMs = Date.now();
    await until('the first round', 10_000, async () => (await records()).length >= cities.length);
    const all = await records();
    expect(Math.max(...all.map(({ value }) => value.fetched_at)) - startedMs).toBeLessThan(6_000);
    expect(new Set(all.map(({ key }) => key))).toEqual(new Set(cities.map(({ id }) => id)));
    expect(all.every(({ value }) => value.source === 'sample')).toBe(true);
    expect(await api('/cities/miami-fl/weather')).toMatchObject({
      status: 200,
      body: { source: 'sample', city: 'Miami', trouble: { kind: 'unreachable' } },
    });
    expect((await api('/readyz')).status).toBe(200);
  }, 30_000);

  it('has its polls in the registry of schedules as long as it runs', async () => {
    const registry = service?.app.get(SchedulerRegistry);
    await until('the schedules', 30_000, () => registry?.doesExist('timeout', 'poll-observations') === true);
    expect(registry?.getTimeouts()).toEqual(['poll-observations']);
    expect(registry?.getIntervals().sort()).toEqual(['poll-alerts', 'poll-forecasts']);
    await service?.stop();
    expect([registry?.getTimeouts(), registry?.getIntervals()]).toEqual([[], []]);
    await start();
  }, 60_000);

  it('refuses an interval below the floor, with the reason', async () => {
    const put = (intervalMs: unknown) =>
      api('/settings/poll-interval', {
        method: 'PUT',
        headers: { 'Content-Type': 'application/json' },
        body: JSON.stringify({ intervalMs }),
      });
    expect(await put(1_000)).toMatchObject({
      status: 422,
      body: { errors: [{ pointer: '/intervalMs', detail: expect.stringContaining('at least 30000 ms') }] },
    });
    expect(await put('soon')).toMatchObject({ status: 422 });
    expect(await put(45_000)).toMatchObject({ status: 200, body: { intervalMs: 45_000 } });
    expect((await api('/cities/atlantis/weather')).status).toBe(404);
    expect((await api('/cities')).body['items']).toHaveLength(5);
    await service?.stop();
  }, 20_000);

  it('takes the real thing when it is there, and repeats nothing after a restart', async () => {
    nws.stations.set('KTST', { observedAtMs: Math.floor(Date.now() / 1_000) * 1_000 - 300_000, temperatureC: 20 });
    nws.issuedAtMs = Math.floor(Date.now() / 3_600_000) * 3_600_000;
    const sentMs = Date.now() - 60_000;
    nws.alerts = [
      {
        id: 'urn:oid:1',
        sent: new Date(sentMs).toISOString(),
        ends: new Date(sentMs + 86_400_000).toISOString(),
        status: 'Actual',
        messageType: 'Alert',
        event: 'Wind Advisory',
        geocode: { UGC: ['TSZ001'] },
      },
    ];
    await nws.start();
    const before = (await records()).length;
    await start();
    await until(
      'the real weather',
      10_000,
      async () => (await records()).filter(({ value }) => value.source === 'nws').length === 5,
    );
    // A city may have had to wait longer than the simulation does at a start; the last word is the real one's.
    const latest = new Map((await records()).map(({ key, value }) => [key, value]));
    expect([...latest.values()].map(({ source, temperature_f }) => [source, temperature_f])).toEqual(
      cities.map(() => ['nws', 68]),
    );
    // The quieter questions come last: four hours and four days of each city, and its warning.
    await until('forecasts and warnings', 15_000, async () => {
      const forecasts = await valuesOf('weather-forecasts', weatherForecastV1);
      const warnings = await valuesOf('weather-alerts', weatherAlertV1);
      return forecasts.filter(({ source }) => source === 'nws').length >= 5 * 7 && warnings.length === 5;
    });
    expect(new Set((await valuesOf('weather-alerts', weatherAlertV1)).map(({ city_key }) => city_key))).toEqual(
      new Set(cities.map(({ id }) => id)),
    );
    // The flags that quality control gave the values go with the record.
    const flags: string[] = [];
    await readTopic(options, 'weather-data', ({ headers }) => {
      if (headers['source']?.toString() === 'nws') flags.push(String(headers['quality-control']));
    });
    expect(new Set(flags)).toEqual(new Set(['temperature=V humidity=V wind=V pressure=V']));
    await sleep(500);
    await service?.stop();

    const after = (await records()).length;
    expect(after).toBeGreaterThanOrEqual(before + 5);
    const others = async () => [
      (await valuesOf('weather-forecasts', weatherForecastV1)).length,
      (await valuesOf('weather-alerts', weatherAlertV1)).length,
    ];
    const othersAfter = await others();
    nws.requests.length = 0;
    await start();
    await until('the weather of Chicago', 10_000, async () => (await api('/cities/chicago-il/weather')).status === 200);
    await sleep(1_500);
    expect((await records()).length).toBe(after);
    expect(await others()).toEqual(othersAfter);
    // Every answer was kept on disk and is younger than its limit.
    expect(nws.requests).toHaveLength(0);
  }, 40_000);

  it('tells what it did not take, by reason, in its status and its figures', async () => {
    await service?.stop();
    const ahead = new Date(Date.now() + 7_200_000).toISOString();
    const warning = { status: 'Actual', messageType: 'Alert', event: 'Wind Advisory', geocode: { UGC: ['TSZ001'] } };
    nws.alerts = [
      { ...warning, id: 'urn:oid:odd', sent: null },
      { ...warning, id: 'urn:oid:ahead', sent: ahead },
    ];
    nws.faults.set('/points/25.7617', { kind: 'status', status: 404, problem: 'InvalidPoint' });
    rmSync(join(cacheFolder, 'answers'), { recursive: true });
    await start({ WEATHER_MODE: 'nws' });
    await until('the refusals', 20_000, async () => {
      const { body } = await api('/status');
      return (body['refused'] as unknown[]).length >= 2 && (body['places'] as unknown[]).length === 1;
    });
    expect((await api('/status')).body).toMatchObject({
      clock: { trouble: null },
      places: [{ cityKey: 'miami-fl', kind: 'outside-area' }],
      refused: [
        { what: 'warning', reason: 'odd sent', count: 1, detail: expect.stringContaining('urn:oid:odd') },
        { what: 'warning', reason: 'too far ahead', count: 1, detail: `urn:oid:ahead: ${ahead}` },
      ],
    });
    const figures = await (await fetch(`${service?.url}/metrics`)).text();
    expect(figures).toMatch(/isobar_nws_refused_total\{what="warning",reason="too far ahead",.*\} 1/);
    nws.faults.clear();
    nws.alerts = [];
  }, 40_000);

  it('has real weather first for a city that is added, though the weather service takes its time', async () => {
    await service?.stop();
    const file = join(cacheFolder, 'cities.json');
    copyFileSync(citiesFile, file);
    await start({ CITIES_FILE: file });
    await until('ready', 10_000, async () => (await api('/readyz')).status === 200);
    // A cell of its own, so that its stations are asked for.
    nws.cell = 'TST/9,9';
    nws.delayMs = 1_500;
    const added = await api('/cities', {
      method: 'POST',
      headers: { 'Content-Type': 'application/json' },
      body: JSON.stringify({ name: 'Seattle', state: 'WA' }),
    });
    expect(added).toMatchObject({ status: 201, body: { id: 'seattle-wa', areaCheck: 'weather-service' } });
    await until(
      'its weather',
      20_000,
      async () => (await api('/cities/seattle-wa/weather').catch(() => ({ status: 0 }))).status === 200,
    );
    nws.delayMs = 0;
    nws.cell = 'TST/1,1';
    expect((await api('/cities/seattle-wa/weather')).body).toMatchObject({ source: 'nws', temperatureF: 68 });
    const own = async (): Promise<string[]> =>
      (await records()).filter(({ key }) => key === 'seattle-wa').map(({ value }) => value.source);
    // The service shows what it has taken; its producer may still be sending that.
    await until('its record', 20_000, async () => (await own()).length > 0);
    expect(await own()).toEqual(['nws']);
  }, 60_000);

  it('takes another interval with the next cycle', async () => {
    await service?.stop();
    await start({ WEATHER_MODE: 'sample', WEATHER_POLL_INTERVAL_MS: '3000' });
    const rounds = async (): Promise<number> => (await records()).length / cities.length;
    const put = (intervalMs: number) =>
      api('/settings/poll-interval', {
        method: 'PUT',
        headers: { 'Content-Type': 'application/json' },
        body: JSON.stringify({ intervalMs }),
      });
    const before = await rounds();
    await until('the first round', 10_000, async () => (await rounds()) >= before + 1);
    expect((await put(1_000)).status).toBe(200);
    // At the old pace three more rounds would take nine seconds.
    await until('rounds a second apart', 7_500, async () => (await rounds()) >= before + 4);
    expect((await put(3_600_000)).status).toBe(200);
    await sleep(1_500);
    const slow = await rounds();
    await sleep(2_500);
    expect(await rounds()).toBe(slow);
  }, 40_000);

  const recordings = fileURLToPath(new URL('../../../../shared/nws', import.meta.url));
  const isHere = existsSync(recordings);
  if (!isHere) process.stderr.write(`SKIPPED: recorded weather answers are not at ${recordings}\n`);
  (isHere ? it : it.skip)(
    'plays recorded answers in time-lapse, labelled sample',
    async () => {
      await service?.stop();
      const before = new Set((await records()).map(({ value }) => value.event_id));
      const newOnes = async () => (await records()).filter(({ value }) => !before.has(value.event_id));
      nws.requests.length = 0;
      await start({ NWS_REPLAY_DIR: recordings, NWS_REPLAY_SPEED: '1200', WEATHER_POLL_INTERVAL_MS: '1000' });
      await until('new records', 20_000, async () => (await newOnes()).length >= 4 * cities.length);
      const played = await newOnes();
      expect((await api('/cities/miami-fl/weather')).body).toMatchObject({ source: 'sample', freshness: 'sample' });
      expect(new Set(played.map(({ value }) => value.source))).toEqual(new Set(['sample']));
      expect(played.some(({ value }) => value.station_id !== null)).toBe(true);
      expect(nws.requests).toHaveLength(0);
    },
    40_000,
  );
});
