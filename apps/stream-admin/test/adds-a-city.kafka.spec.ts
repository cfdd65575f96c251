import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { readTopic, silentLog } from '@isobar/kafka';
import { startKsqlServer, type KsqlServerProcess } from '@isobar/ksql-client/testing';
import { startTestStack, until, type TestStack } from '@isobar/local-stack/testing';
import { createService, type RunningService } from '@isobar/service-kit';
import { execFile } from 'node:child_process';
import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { dashboardService } from '../../dashboard/src/app.module.js';
import { AppModule as SensorSim } from '../../sensor-sim/src/app.module.js';
import { configSchema as sensorSimConfig } from '../../sensor-sim/src/config.js';
import { AppModule as WeatherIngest } from '../../weather-ingest/src/app.module.js';
import { configSchema as weatherIngestConfig } from '../../weather-ingest/src/config.js';
import { FakeWeatherService } from '../../weather-ingest/src/testing/fake-weather-service.js';
import { streamAdminService } from '../src/app.module.js';

const root = join(import.meta.dirname, '../../..');
/** What a user is promised. */
const promisedMs = 60_000;

interface CityView {
  readonly id?: string;
  readonly cityKey?: string;
  readonly weather?: unknown;
  readonly sensors?: unknown;
}

describe('a city that is added while everything runs', () => {
  let stack: TestStack;
  let ksqlServer: KsqlServerProcess;
  let folder: string;
  const services: RunningService[] = [];
  const urls: Record<string, string> = {};

  const isobar = (...args: string[]): Promise<{ code: number; stdout: string; stderr: string }> =>
    new Promise((resolve) => {
      execFile(
        process.execPath,
        [join(root, 'apps/isobar/bin/isobar.mjs'), '--home', join(folder, 'home'), ...args],
        { env: { ...process.env, ...urls, NODE_OPTIONS: '' } },
        (error, stdout, stderr) => resolve({ code: Number(error?.code ?? 0), stdout, stderr }),
      );
    });
  const keysOf = async (topic: string): Promise<Set<string>> => {
    const keys = new Set<string>();
    await readTopic({ brokers: [stack.kafkaBrokers], clientId: 'test', log: silentLog }, topic, ({ key }) =>
      keys.add(key?.toString() ?? ''),
    );
    return keys;
  };
  const page = async (): Promise<CityView[]> =>
    (await (await fetch(`${urls['DASHBOARD_URL']}/api/cities`)).json()) as CityView[];
  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'adds-a-city-'));
    mkdirSync(join(folder, 'connectors'));
    copyFileSync(join(root, 'config/cities.json'), join(folder, 'cities.json'));
    stack = await startTestStack({ parts: ['kafka'] });
    ksqlServer = await startKsqlServer(stack.kafkaBrokers);
    const environment = {
      PORT: '0',
      LOG_LEVEL: 'silent',
      KAFKA_BROKERS: stack.kafkaBrokers,
      KSQLDB_URL: ksqlServer.url,
      CITIES_FILE: join(folder, 'cities.json'),
      KSQL_DIR: join(root, 'ksql'),
      CONNECTORS_DIR: join(folder, 'connectors'),
      SCENARIOS_DIR: join(root, 'config/scenarios'),
      CACHE_DIR: join(folder, 'cache'),
      WEATHER_MODE: 'sample',
      WEATHER_POLL_INTERVAL_MS: '5000',
      SENSOR_INTERVAL_MS: '1000',
    };
    const start = async (variable: string, service: Promise<RunningService>): Promise<void> => {
      services.push(await service);
      urls[variable] = services.at(-1)?.url ?? '';
    };
    await start('STREAM_ADMIN_URL', createService(streamAdminService, environment));
    const weather = { name: 'weather-ingest', module: WeatherIngest, config: weatherIngestConfig };
    await start('WEATHER_INGEST_URL', createService(weather, environment));
    const sensors = { name: 'sensor-sim', module: SensorSim, config: sensorSimConfig };
    await start('SENSOR_SIM_URL', createService(sensors, environment));
    await start('DASHBOARD_URL', createService(dashboardService, environment));
    await until('the first row', 60_000, async () => (await page()).length === 5);
  }, 180_000);
  afterAll(async () => {
    for (const service of services.reverse()) await service.stop();
    await ksqlServer?.stop();
    await stack?.stop();
    rmSync(folder, { recursive: true, force: true });
  }, 60_000);

  it('reaches poller, simulator, topics, tables and page within a minute', async () => {
    const deadlineMs = Date.now() + promisedMs;
    const added = await isobar('city', 'add', 'Seattle', 'WA', '-o', 'json');
    expect(added).toMatchObject({ code: 0, stderr: '' });
    // It comes back with the first weather, which shows that the poller took the city over.
    expect(JSON.parse(added.stdout)).toMatchObject({
      id: 'seattle-wa',
      latitude: 47.6062,
      areaCheck: 'rough',
      cell: null,
      weather: { cityKey: 'seattle-wa', source: 'sample', temperatureF: expect.any(Number) },
    });
    await until('weather', deadlineMs - Date.now(), async () => (await keysOf('weather-data')).has('seattle-wa'));
    await until('readings', deadlineMs - Date.now(), async () => (await keysOf('iot-sensors')).has('seattle-wa-01'));
    await until('the table', deadlineMs - Date.now(), async () => (await keysOf('city-conditions')).has('seattle-wa'));
    const hasBoth = (city: CityView): boolean =>
      [city.id, city.cityKey].includes('seattle-wa') && /temperature/i.test(JSON.stringify(city));
    await until('the page', deadlineMs - Date.now(), async () => (await page()).some(hasBoth));
    expect((await isobar('city', 'list')).stdout).toMatch(/^seattle-wa +Seattle +WA/m);
  }, 90_000);

  it('is refused, with the reason, when it cannot be', async () => {
    expect(await isobar('city', 'add', 'Seattle', 'WA')).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('There is a city "seattle-wa" already'),
    });
    expect(await isobar('city', 'add', 'Paris', 'TX', '--lat', '48.85', '--lon', '2.35')).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('is not in Texas'),
    });
    expect((await isobar('city', 'add', 'Seattle')).code).toBe(64);
    expect((await isobar('city', 'add', 'X', 'WA', '--lat', 'north')).code).toBe(64);
    expect(await isobar('city', 'list', '--server', 'http://127.0.0.1:1')).toMatchObject({
      code: 69,
      stderr: expect.stringContaining('nothing answers at http://127.0.0.1:1'),
    });
  }, 30_000);

  it('says what the weather service said of it, and prints its first weather, or why there is none in time', async () => {
    const nws = new FakeWeatherService();
    await nws.start();
    const citiesFile = join(folder, 'other-cities.json');
    copyFileSync(join(root, 'config/cities.json'), citiesFile);
    nws.county = 'WAC033';
    nws.stations.set('KBFI', { observedAtMs: Math.floor(Date.now() / 1_000) * 1_000 - 300_000, temperatureC: 11 });
    const service = await createService(
      { name: 'weather-ingest', module: WeatherIngest, config: weatherIngestConfig },
      {
        PORT: '0',
        LOG_LEVEL: 'silent',
        KAFKA_BROKERS: stack.kafkaBrokers,
        CITIES_FILE: citiesFile,
        CACHE_DIR: join(folder, 'other-cache'),
        WEATHER_MODE: 'nws',
        NWS_BASE_URL: nws.url,
      },
    );
    const add = (...args: string[]) => isobar('city', 'add', ...args, '--server', service.url);
    try {
      const seattle = await add('Seattle', 'WA');
      expect(seattle).toMatchObject({ code: 0, stderr: '' });
      expect(seattle.stdout).toContain('added seattle-wa at 47.6062, -122.3321');
      expect(seattle.stdout).toContain('The weather service knows the place: cell TST/1,1 of its grid.');
      expect(seattle.stdout).toMatch(/^first weather after [\d.]+ s: 51\.8 °F, Clear, station KBFI, observed /m);
      expect((await isobar('city', 'show', 'seattle-wa', '--server', service.url)).stdout).toContain('51.8 °F, Clear');

      expect(await add('Tacoma', 'WA', '--lat', '47.2529', '--lon', '122.4443')).toMatchObject({
        code: 1,
        stderr: expect.stringContaining('did you mean -122.4443?'),
      });
      nws.county = 'ORC051';
      expect(await add('Vancouver', 'WA', '--lat', '45.63', '--lon', '-122.67')).toMatchObject({
        code: 1,
        stderr: expect.stringContaining('in Oregon, not in Washington'),
      });
      nws.faults.set('/points/25.1,', { kind: 'status', status: 404, problem: 'InvalidPoint' });
      expect(await add('Nowhere', 'FL', '--lat', '25.1', '--lon', '-79.2')).toMatchObject({
        code: 1,
        stderr: expect.stringContaining('404 InvalidPoint'),
      });

      nws.county = 'WAC063';
      nws.cell = 'TST/2,2';
      nws.faults.set('/gridpoints/TST/2,2/stations', { kind: 'status', status: 404, problem: 'NotFound' });
      const late = await add('Spokane', 'WA', '--timeout', '2');
      expect(late.code).toBe(75);
      expect(late.stdout).toContain('added spokane-wa');
      expect(late.stderr).toContain('spokane-wa was added, but has no weather after 2 s');
      expect(late.stderr).toMatch(/Why +\S.*\n +Fix +the poller goes on trying/);
      const place = ['Tacoma', 'WA', '--lat', '47.2529', '--lon', '-122.4443'];
      const quick = await add(...place, '--no-wait', '-o', 'json');
      expect(quick).toMatchObject({ code: 0, stderr: '' });
      expect(JSON.parse(quick.stdout)).toMatchObject({ id: 'tacoma-wa', weather: null });
      expect((await add('Olympia', 'WA', '--timeout', 'soon')).code).toBe(64);
    } finally {
      await service.stop();
      await nws.stop();
    }
  }, 60_000);

  it('leaves its history behind when it is removed', async () => {
    expect((await isobar('city', 'remove', 'seattle-wa')).code).toBe(0);
    expect(readFileSync(join(folder, 'cities.json'), 'utf8')).not.toContain('seattle');
    const deadlineMs = Date.now() + promisedMs;
    await until('the page without it', deadlineMs - Date.now(), async () => (await page()).length === 5);
    const sensors = async (): Promise<string> => (await fetch(`${urls['SENSOR_SIM_URL']}/sensors`)).text();
    await until('its sensors away', deadlineMs - Date.now(), async () => !(await sensors()).includes('seattle'));
    expect(await keysOf('weather-data')).toContain('seattle-wa');
    expect((await isobar('city', 'remove', 'seattle-wa')).code).toBe(64);
  }, 90_000);

  it('stands beside the other commands', async () => {
    await until('the deployment', 30_000, async () => (await isobar('queries', 'list', '--exit-code')).code === 0);
    const queries = JSON.parse((await isobar('queries', 'list', '-o', 'json')).stdout) as { state: string }[];
    expect(queries.filter(({ state }) => state === 'RUNNING').length).toBeGreaterThan(5);
    expect((await isobar('queries', 'show', 'city_conditions')).stdout).toMatch(/^state +RUNNING$/m);
    expect((await isobar('queries', 'show', 'nothing')).code).toBe(64);
    expect((await isobar('topics', 'list')).stdout).toMatch(/^city-conditions +\d+ +\d+$/m);
    expect((await isobar('topics', 'show', 'iot-sensors')).stdout.split('\n')).toHaveLength(5);
    expect((await isobar('groups', 'list', '-o', 'json')).stdout).toMatch(/^\[/);
    expect((await isobar('connectors', 'list')).stdout).toMatch(/^NAME/);
    expect((await isobar('dlq', 'list')).stdout).toBe('no dead letters\n');
    expect((await isobar('dlq', 'replay')).code).toBe(64);
    expect((await isobar('dlq', 'replay', 'iot-sensors:0:0')).stderr).toContain('no dead letter');
  }, 60_000);
});
