import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { copyFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { chromium, type Browser, type Page } from 'playwright-core';
import { chromiumArguments, findChromium } from './chromium.js';
import { startNative, type NativeRuntime } from './native-runtime.js';
import { getJson, jsonOf, latestByKey, records, sendJson } from './probes.js';

const root = join(import.meta.dirname, '..');
/** What a user is promised. */
const promisedMs = 60_000;
const chromiumPath = findChromium();
if (chromiumPath === undefined)
  process.stderr.write('SKIPPED adding a city in a browser: no Chromium found; install it or set CHROMIUM_PATH\n');

(chromiumPath === undefined ? describe.skip : describe)('a city added to the whole running stack', () => {
  let folder: string;
  let citiesFile: string;
  let runtime: NativeRuntime;
  let pids: Readonly<Record<string, number | undefined>>;
  let weatherIngestUrl: string;
  let browser: Browser;
  let page: Page;

  const cards = (): Promise<string[]> =>
    page
      .locator('.card')
      .evaluateAll((all) => all.map((card) => (card instanceof HTMLElement ? (card.dataset['city'] ?? '') : '')));
  /** The card of a city, with weather and sensor values on it. */
  const cardWithValues = async (cityId: string, timeoutMs: number): Promise<void> => {
    const card = page.locator(`[data-city=${cityId}]`);
    const degrees = { hasText: /^-?\d+(\.\d)? °F$/ };
    await card.locator('.temperature').filter(degrees).waitFor({ timeout: timeoutMs });
    await card.locator('.value').filter(degrees).first().waitFor({ timeout: timeoutMs });
    await card.locator('.sensor-health').filter({ hasText: 'none flagged' }).waitFor({ timeout: timeoutMs });
  };
  const cardGone = (cityId: string): Promise<void> =>
    page.locator(`[data-city=${cityId}]`).waitFor({ state: 'detached', timeout: promisedMs });
  /** Set once: a reload would lose it. */
  const isSamePage = (): Promise<boolean> => page.evaluate(() => document.body.dataset['opened'] === 'once');
  const recorded = async (topic: string, key: string): Promise<number> =>
    (await records(runtime.addresses.kafkaBrokers, topic)).filter((record) => record.key?.toString() === key).length;
  const sqlRows = async (sql: string): Promise<Record<string, unknown>[]> => {
    const { code, stdout, output } = await runtime.isobar('sql', '-o', 'json', '-e', sql);
    if (code !== 0) throw new Error(output);
    return stdout
      .split('\n')
      .filter((line) => line.startsWith('{'))
      .map((line) => JSON.parse(line) as Record<string, unknown>);
  };

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'isobar-city-'));
    citiesFile = join(folder, 'cities.json');
    copyFileSync(join(root, 'config/cities.json'), citiesFile);
    runtime = await startNative({
      CITIES_FILE: citiesFile,
      SCENARIOS_DIR: join(root, 'config/scenarios'),
      SENSOR_INTERVAL_MS: '2000',
    });
    pids = await runtime.pids();
    const status = await runtime.isobar('status', '-o', 'json');
    weatherIngestUrl =
      (JSON.parse(status.stdout) as { addresses: Record<string, string> }).addresses['WEATHER_INGEST_URL'] ?? '';
    browser = await chromium.launch({ executablePath: chromiumPath ?? '', args: chromiumArguments });
    page = await browser.newPage();
    await page.goto(runtime.addresses.dashboardUrl);
    await page.locator('.card').nth(4).waitFor();
    await page.evaluate(() => void (document.body.dataset['opened'] = 'once'));
  }, 240_000);
  afterAll(async () => {
    await browser?.close();
    await runtime?.stop();
    rmSync(folder, { recursive: true, force: true });
  }, 60_000);

  it('by the command line has its card, with weather and sensors, within a minute; nothing restarts or reloads', async () => {
    const startedMs = Date.now();
    const added = await runtime.isobar('city', 'add', 'Seattle', 'WA');
    expect(added.code).toBe(0);
    expect(added.stdout).toMatch(/^first weather after [\d.]+ s: -?[\d.]+ °F, .*simulated \(sample\)/m);
    await cardWithValues('seattle-wa', promisedMs - (Date.now() - startedMs));
    expect(Date.now() - startedMs).toBeLessThan(promisedMs);
    expect(await page.locator('[data-city=seattle-wa] h3').innerText()).toBe('Seattle, WA');
    expect(await page.locator('[data-city=seattle-wa] .origin').first().innerText()).toMatch(/^sample/);
    expect([await isSamePage(), await runtime.pids()]).toEqual([true, pids]);
  }, 90_000);

  it('by REST, or by an entry in the file, has its card too', async () => {
    await sendJson('POST', `${weatherIngestUrl}/cities`, { name: 'Boise', state: 'ID' });
    const file = JSON.parse(readFileSync(citiesFile, 'utf8')) as { cities: object[] };
    const portland = { id: 'portland-or', name: 'Portland', state: 'OR', latitude: 45.5152, longitude: -122.6784 };
    file.cities.push({ ...portland, timeZone: 'America/Los_Angeles' });
    writeFileSync(citiesFile, JSON.stringify(file));
    const startedMs = Date.now();
    await cardWithValues('boise-id', promisedMs);
    await cardWithValues('portland-or', promisedMs - (Date.now() - startedMs));
    expect((await cards()).slice(5)).toEqual(['seattle-wa', 'boise-id', 'portland-or']);
  }, 90_000);

  it('shows a fault of its sensors on the card, in words, until it is over', async () => {
    const scenario = `${runtime.addresses.sensorSimUrl}/scenarios/sensor-impossible`;
    await sendJson('POST', `${scenario}/start`, { cities: ['seattle-wa'] });
    const flag = page.locator('[data-city=seattle-wa] .sensor-health .flags li');
    await flag.filter({ hasText: 'seattle-wa-01 reports what no instrument measures' }).waitFor({ timeout: 20_000 });
    expect(await page.locator('.sensor-health .flags li:visible').count()).toBe(1);
    await sendJson('POST', `${scenario}/stop`);
    await flag.waitFor({ state: 'detached', timeout: 20_000 });
  }, 60_000);

  it('loses its card when it is removed, and leaves its history', async () => {
    const removed = await runtime.isobar('city', 'remove', 'seattle-wa');
    expect(removed).toMatchObject({ code: 0, stdout: 'removed seattle-wa; what was recorded of it stays\n' });
    await cardGone('seattle-wa');
    expect([await isSamePage(), await runtime.pids()]).toEqual([true, pids]);
    const cities = await getJson<{ id: string }[]>(`${runtime.addresses.dashboardUrl}/api/cities`);
    expect(cities.map(({ id }) => id)).not.toContain('seattle-wa');

    // What was under way when it was removed has arrived; from now on nothing new is recorded.
    await delay(3_000);
    const before = [await recorded('weather-data', 'seattle-wa'), await recorded('iot-sensors', 'seattle-wa-01')];
    expect(Math.min(...before)).toBeGreaterThan(0);
    await delay(5_000);
    expect([await recorded('weather-data', 'seattle-wa'), await recorded('iot-sensors', 'seattle-wa-01')]).toEqual(
      before,
    );

    // The tables keep its last rows, with the times from which a reader sees that they are old.
    const [row] = await sqlRows("SELECT * FROM city_conditions WHERE city_key = 'seattle-wa';");
    expect(row).toMatchObject({ CITY: 'Seattle', STATE: 'WA', SENSOR_MEASURED_AT: expect.any(Number) });
    expect(Date.now() - Number(row?.['SENSOR_MEASURED_AT'])).toBeGreaterThan(5_000);
    const windows = await sqlRows("SELECT * FROM city_averages_5m WHERE city_key = 'seattle-wa';");
    expect(windows.length).toBeGreaterThan(0);
    const health = latestByKey(await records(runtime.addresses.kafkaBrokers, 'sensor-health'));
    expect(health.has('seattle-wa-01')).toBe(true);
    const rows = (await records(runtime.addresses.kafkaBrokers, 'city-conditions')).filter(
      ({ key }) => key?.toString() === 'seattle-wa',
    );
    expect(rows.map(({ value }) => jsonOf(value)?.['CITY'])).not.toContain(undefined);
  }, 120_000);

  it('goes on where it was when it is added again', async () => {
    const windows = "SELECT * FROM city_averages_5m WHERE city_key = 'seattle-wa';";
    const before = (await sqlRows(windows)).map((row) => row['WINDOW_START']);
    expect((await runtime.isobar('city', 'add', 'Seattle', 'WA')).code).toBe(0);
    await cardWithValues('seattle-wa', promisedMs);
    expect((await sqlRows(windows)).map((row) => row['WINDOW_START'])).toEqual(expect.arrayContaining(before));
  }, 90_000);
});
