import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { resultTopics } from '@isobar/contracts';
import { eventually, startTestStack, type TestStack } from '@isobar/local-stack/testing';
import { createService, type RunningService } from '@isobar/service-kit';
import { mkdirSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { chromium, type Browser, type Page } from 'playwright-core';
import { chromiumArguments, findChromium } from '../../../e2e/chromium.js';
import { dashboardService } from '../src/app.module.js';
import { cityFields, healthFields, ResultWriter, userFields } from './result-records.js';

const root = join(import.meta.dirname, '../../..');
const screenshots = join(root, '.isobar/screenshots');

const chromiumPath = findChromium();
if (chromiumPath === undefined) {
  process.stderr.write('SKIPPED the dashboard in a browser: no Chromium found; install it or set CHROMIUM_PATH\n');
}

const cities: [string, string, string][] = [
  ['new-york-ny', 'New York', 'NY'],
  ['los-angeles-ca', 'Los Angeles', 'CA'],
  ['chicago-il', 'Chicago', 'IL'],
  ['san-francisco-ca', 'San Francisco', 'CA'],
  ['miami-fl', 'Miami', 'FL'],
];
const aqi = [44, 87, 132, 178, 240];

(chromiumPath === undefined ? describe.skip : describe)('the dashboard in a browser', () => {
  let stack: TestStack;
  let writer: ResultWriter;
  let service: RunningService;
  let browser: Browser;
  /** Stands in for weather-ingest, which says whose clocks run ahead. */
  let ingest: Server;
  let fastStations: readonly { cityKey: string; stationId: string; aheadMs: number }[] = [];

  const silent = { debug: () => undefined, info: () => undefined, warn: () => undefined, error: () => undefined };

  /** A page that notes everything a quiet page must not do. */
  async function openPage(options: Parameters<Browser['newPage']>[0] = {}) {
    const page = await browser.newPage(options);
    const complaints: string[] = [];
    page.on('console', (message) => {
      if (['error', 'warning'].includes(message.type())) complaints.push(`${message.type()}: ${message.text()}`);
    });
    page.on('pageerror', (error) => complaints.push(error.message));
    const hosts = new Set<string>();
    page.on('request', (request) => hosts.add(new URL(request.url()).host));
    return { page, complaints, hosts };
  }

  beforeAll(async () => {
    stack = await startTestStack({ parts: ['kafka'] });
    writer = await ResultWriter.open({ brokers: [stack.kafkaBrokers], clientId: 'test', log: silent });
    const now = Date.now();
    const windowStart = now - 60_000;
    await Promise.all(
      cities.flatMap(([id, name, state], index) => [
        writer.city(id, {
          ...cityFields(now, { CITY: name, STATE: state, SENSOR_ID: `${id}-01` }),
          ...(index === 2 && { WEATHER_SOURCE: 'sample', WEATHER_OBSERVED_AT: now, CONDITIONS: 'Light rain' }),
          ...(index === 3 && { WEATHER_TEMPERATURE_F: null, CONDITIONS: null }),
        }),
        writer.sensor(`${id}-01`, healthFields(now, { CITY_KEY: id, AIR_QUALITY_INDEX: aqi[index] })),
        writer.average(id, windowStart, {
          READING_COUNT: 57,
          AVG_TEMP: 70.1,
          AVG_HUMIDITY: 51.2,
          AVG_AQI: aqi[index],
          MAX_AQI: 90,
        }),
        ...[0, 1, 2].map((person) =>
          writer.user(
            10 * index + person,
            userFields(now, {
              USERNAME: `p${person}`,
              FULL_NAME: `Person ${index}${person}`,
              CITY_KEY: id,
              CITY: name,
              STATE: state,
            }),
          ),
        ),
      ]),
    );
    // The readiness probe's own records: served when asked for, shown nowhere.
    await writer.city('isobar-probe', cityFields(now, { CITY: 'Probe' }));
    await writer.user(99, userFields(now, { FULL_NAME: 'Probe', CITY_KEY: 'isobar-probe', CITY: 'Probe' }));
    ingest = createServer((_request, response) => {
      response.setHeader('Content-Type', 'application/json').end(JSON.stringify({ stations: fastStations }));
    });
    await new Promise<void>((resolve) => ingest.listen(0, '127.0.0.1', resolve));
    service = await createService(dashboardService, {
      WEATHER_INGEST_URL: `http://127.0.0.1:${(ingest.address() as AddressInfo).port}`,
      PORT: '0',
      LOG_LEVEL: 'silent',
      SENSOR_INTERVAL_MS: '600000', // what is written once must stay live for the whole file
      KAFKA_BROKERS: stack.kafkaBrokers,
      CITIES_FILE: join(root, 'config/cities.json'),
    });
    browser = await chromium.launch({ executablePath: chromiumPath ?? '', args: chromiumArguments });
    await ready();
  }, 120_000);

  async function ready(): Promise<void> {
    for (let attempt = 0; attempt < 150; attempt += 1) {
      if ((await fetch(`${service.url}/readyz`)).status === 200) return;
      await new Promise((resolve) => setTimeout(resolve, 200));
    }
    throw new Error(`not ready: ${await (await fetch(`${service.url}/readyz`)).text()}`);
  }

  afterAll(async () => {
    await browser?.close();
    await service?.stop();
    ingest?.close();
    await writer?.close();
    await stack?.stop();
  }, 60_000);

  it('draws five cards whose every number tells source, time and state', async () => {
    const { page, complaints, hosts } = await openPage({ viewport: { width: 1440, height: 1000 } });
    await page.goto(service.url);
    await page.locator('.card').nth(4).waitFor();
    expect(await page.locator('.card h3').allTextContents()).toEqual(
      cities.map(([, name, state]) => `${name}, ${state}`),
    );

    const newYork = page.locator('[data-city=new-york-ny]');
    await expectText(page, '[data-city=new-york-ny] .temperature', '71 °F');
    expect(await newYork.locator('.aqi').innerText()).toMatch(/AQI 44\s+Good/);
    expect(await newYork.innerText()).toMatch(/57 readings, .*still open/);
    expect(await page.locator('[data-city=chicago-il] .origin').first().innerText()).toMatch(
      /^sample\s?simulated weather · /,
    );
    expect(await page.locator('[data-city=san-francisco-ca] .temperature').innerText()).toBe('not reported');

    const numbers = page.locator('.card .value, .card .temperature, .card .aqi');
    expect(await numbers.count()).toBeGreaterThanOrEqual(5 * 9);
    for (const number of await numbers.all()) {
      expect(['live', 'stale', 'unknown', 'unavailable', 'sample']).toContain(await number.getAttribute('data-state'));
      expect(await number.getAttribute('data-source')).not.toBe('');
      expect(Number.isNaN(Date.parse((await number.getAttribute('data-at')) ?? ''))).toBe(false);
    }
    expect(await page.locator('h1').innerText()).toMatch(
      /^All 5 cities report live; the worst air is in Miami: very unhealthy, index 240; the weather of 1 city is simulated\.$/,
    );
    // What the first look found of topics that were just being made is said until the next one.
    await page.locator('#connection-text', { hasText: /^Live/ }).waitFor({ timeout: 15_000 });
    expect(await page.locator('body').innerText()).not.toContain('Probe');

    mkdirSync(screenshots, { recursive: true });
    await page.screenshot({ path: join(screenshots, 'dashboard-light.png'), fullPage: true });
    expect(complaints).toEqual([]);
    expect([...hosts]).toEqual([new URL(service.url).host]);
    await page.close();
  }, 60_000);

  it('shows a change within two seconds, without a reload, and survives a record that is no JSON', async () => {
    const { page, complaints } = await openPage();
    await page.goto(service.url);
    await page.locator('[data-city=miami-fl]').waitFor();
    await writer.raw(resultTopics.cityConditions, 'miami-fl', '{"CITY": broken');
    await writer.raw(resultTopics.cityConditions, 'miami-fl', '{"SENSOR_TEMPERATURE_F": "warm"}');
    await writer.city('miami-fl', cityFields(Date.now(), { CITY: 'Miami', STATE: 'FL', SENSOR_TEMPERATURE_F: 91.7 }));
    await expectText(page, '[data-city=miami-fl] .value', '91.7 °F', 2_000);
    const metrics = await (await fetch(`${service.url}/metrics`)).text();
    expect(metrics).toMatch(/dashboard_bad_records_total\{topic="city-conditions"[^}]*\} 2/);
    expect(complaints).toEqual([]);
    await page.close();
  }, 30_000);

  it('keeps headline, chip and verdict where they are while one sensor of four flaps for twenty seconds', async () => {
    const { page, complaints } = await openPage();
    await page.goto(`${service.url}/#user=42`);
    const say = async (number: number, AIR_QUALITY_INDEX: number): Promise<void> =>
      writer.sensor(`miami-fl-0${number}`, healthFields(Date.now(), { CITY_KEY: 'miami-fl', AIR_QUALITY_INDEX }));
    for (const [index, value] of [240, 239, 241].entries()) await say(index + 1, value);
    await writer.user(42, userFields(Date.now(), { CITY_KEY: 'miami-fl', CITY: 'Miami', STATE: 'FL', AQI_LIMIT: 200 }));
    await expectText(page, '.person-sentence', 'the air is worse than their limit');
    await expectText(page, '[data-city=miami-fl] .air', 'median of 3 sensors');
    const seen = new Set<string>();
    const endsAt = Date.now() + 20_000;
    for (let second = 0; Date.now() < endsAt; second += 1) {
      await say(4, second % 2 === 0 ? 23 : 174);
      await say(1 + (second % 3), [240, 239, 241][second % 3] ?? 0);
      await page.waitForTimeout(250);
      const texts = await page.locator('h1, [data-city=miami-fl] .aqi, .person .aqi, .person-sentence').allInnerTexts();
      seen.add(texts.join(' | ').replaceAll(/\s+/g, ' '));
    }
    expect([...seen]).toHaveLength(1);
    expect([...seen][0]).toMatch(/the worst air is in Miami: very unhealthy, index 240/);
    await expectText(page, '[data-city=miami-fl] .air', 'median of 4 sensors');
    expect(complaints).toEqual([]);
    await page.close();
  }, 60_000);

  it('says in words which sensors are flagged, to a screen reader too, and that it is over', async () => {
    const { page, complaints } = await openPage();
    await page.goto(service.url);
    const card = page.locator('[data-city=chicago-il]');
    const sensor = (number: number, STATUS: string, more: Record<string, unknown> = {}): Promise<void> =>
      writer.sensor(
        `chicago-il-0${number}`,
        healthFields(Date.now(), { CITY_KEY: 'chicago-il', STATUS, TEMPERATURE_FAHRENHEIT: 70.1, ...more }),
      );
    await expectText(page, '[data-city=chicago-il] .sensor-health', '1 sensor, none flagged');
    for (let number = 1; number <= 5; number += 1) await sensor(number, 'OK');
    await expectText(page, '[data-city=chicago-il] .sensor-health', '5 sensors, none flagged', 3_000);
    expect(await card.locator('.sensor-health .flags').isVisible()).toBe(false);

    await sensor(1, 'SILENT', { LAST_READING_AT: Date.now() - 240_000 });
    await expectText(page, '#announcer', 'Chicago: sensor chicago-il-01 is silent; it last spoke 4 min ago.', 3_000);
    await sensor(2, 'STUCK');
    await sensor(3, 'IMPOSSIBLE', { TEMPERATURE_FAHRENHEIT: 999 });
    await sensor(4, 'FAR', { TEMPERATURE_FAHRENHEIT: 121 });
    await sensor(5, 'CLOCK_AHEAD', { LAST_READING_AT: Date.now() + 240_000, AHEAD_MS: 240_000 });
    await sensor(6, 'CLOCK_BEHIND', { BEHIND_MS: 660_000 });
    await card.locator('.sensor-health .flags li').nth(5).waitFor({ timeout: 3_000 });
    await expectText(page, '[data-city=chicago-il] .sensor-health', '6 of 6 sensors flagged and left out of the aver');
    expect(
      (await card.locator('.sensor-health .flags li').allInnerTexts()).map((text) => text.replaceAll(/\s+/g, ' ')),
    ).toEqual([
      'Warning, sensor silent chicago-il-01 last spoke 4 min ago',
      'Warning, sensor stuck chicago-il-02 repeats one reading, 70.1 °F',
      'Warning, sensor impossible chicago-il-03 reports what no instrument measures',
      'Warning, sensor far from the station chicago-il-04 reads 121.0 °F, the official station 71.2 °F',
      'Warning, sensor ahead of time chicago-il-05 has a clock that is 4 min ahead',
      'Warning, sensor behind time chicago-il-06 is 11 min behind its neighbours: its clock, or its readings come late',
    ]);
    const session = await page.context().newCDPSession(page);
    const { nodes } = await session.send('Accessibility.getFullAXTree');
    const lists = nodes.filter((node) => !node.ignored && node.role?.value === 'list').map((node) => node.name?.value);
    expect(lists).toContain('Sensors that cannot be trusted now');
    expect(await lowContrastTexts(page)).toEqual([]);
    mkdirSync(screenshots, { recursive: true });
    await page.screenshot({ path: join(screenshots, 'dashboard-flags.png'), fullPage: true });

    for (let number = 1; number <= 6; number += 1) await sensor(number, 'OK');
    await expectText(page, '[data-city=chicago-il] .sensor-health', '6 sensors, none flagged', 3_000);
    const { sensorHealth } = (await (await fetch(`${service.url}/api/cities/chicago-il`)).json()) as {
      sensorHealth: unknown;
    };
    expect(sensorHealth).toEqual({ sensors: 6, flaggedSensors: 0, flagged: [] });
    expect(complaints).toEqual([]);
    await page.close();
  }, 30_000);

  it('says in words which weather is flagged: silent, impossible, or of a station whose clock is ahead', async () => {
    const { page, complaints } = await openPage();
    await page.goto(service.url);
    const place = '[data-city=los-angeles-ca] .weather-health';
    const health = (STATUS: string, FLAGGED_OBSERVATIONS: number): Promise<void> =>
      writer.weather('los-angeles-ca', { STATUS, STATION_ID: 'KLAX', OBSERVATIONS: 12, FLAGGED_OBSERVATIONS });
    await health('OK', 0);
    await expectText(page, place, '12 observations, none flagged', 10_000);
    expect(await page.locator(`${place} .flags`).isVisible()).toBe(false);

    await health('IMPOSSIBLE', 1);
    fastStations = [{ cityKey: 'los-angeles-ca', stationId: 'KSMO', aheadMs: 6 * 3_600_000 }];
    await writer.city(
      'los-angeles-ca',
      cityFields(Date.now(), {
        CITY: 'Los Angeles',
        STATE: 'CA',
        SENSOR_ID: 'los-angeles-ca-01',
        WEATHER_OBSERVED_AT: Date.now() - 4 * 3_600_000,
      }),
    );
    await expectText(page, place, '1 of 12 observations flagged and left out', 10_000);
    await page.locator(`${place} li`).nth(2).waitFor({ timeout: 20_000 });
    const told = await page.locator(`${place} li`).allInnerTexts();
    expect(told.map((text) => text.replaceAll(/\s+/g, ' '))).toEqual([
      'Warning, station silent the weather last spoke 4 h ago',
      'Warning, station impossible KLAX reports what no instrument measures',
      'Warning, station ahead of time KSMO has a clock that is 6 h ahead',
    ]);
    expect(await lowContrastTexts(page)).toEqual([]);
    mkdirSync(screenshots, { recursive: true });
    await page.screenshot({ path: join(screenshots, 'dashboard-weather-flags.png'), fullPage: true });

    fastStations = [];
    await health('OK', 1);
    await writer.city(
      'los-angeles-ca',
      cityFields(Date.now(), { CITY: 'Los Angeles', STATE: 'CA', SENSOR_ID: 'los-angeles-ca-01' }),
    );
    await page.locator(`${place} .flags`).waitFor({ state: 'hidden', timeout: 20_000 });
    expect(complaints).toEqual([]);
    await page.close();
  }, 120_000);

  it('lets a keyboard pick a person, follows that person live, and notices when the person is gone', async () => {
    const { page, complaints } = await openPage();
    await page.goto(service.url);
    await page.locator('#person optgroup').nth(4).waitFor({ state: 'attached' });
    expect(await page.locator('#person optgroup').count()).toBe(5);

    await page.keyboard.press('Tab');
    expect(await page.evaluate(() => document.activeElement?.textContent)).toBe('Skip to the conditions');
    for (let presses = 0; presses < 10; presses += 1) {
      await page.keyboard.press('Tab');
      if ((await page.evaluate(() => document.activeElement?.id)) === 'person') break;
    }
    await page.keyboard.type('Person 41');
    await expectText(
      page,
      '.person-sentence',
      'Person 41 in Miami, FL: comfortable for them; the air is within their limit.',
    );
    expect(new URL(page.url()).hash).toBe('#user=41');

    await writer.user(
      41,
      userFields(Date.now(), {
        FULL_NAME: 'Person 41',
        CITY_KEY: 'miami-fl',
        CITY: 'Miami',
        STATE: 'FL',
        COMFORT: 'HOT',
        SENSOR_TEMPERATURE_F: 93.2,
      }),
    );
    await expectText(
      page,
      '.person-sentence',
      'Person 41 in Miami, FL: hotter than they like; the air is within their limit.',
      2_000,
    );
    expect(await page.locator('#announcer').innerText()).toMatch(/hotter than they like/);

    await writer.user(41, null);
    await expectText(page, '#person-state', 'This person has no conditions: removed, or only just added.', 2_000);
    expect(await page.locator('#person option', { hasText: 'Person 41' }).count()).toBe(0);
    expect(complaints).toEqual([]);
    await page.close();
  }, 30_000);

  it('says that the feed is lost within three seconds, dims after ten, and recovers by itself', async () => {
    const { page } = await openPage();
    await page.goto(service.url);
    await expectText(page, '#connection-text', 'Live');
    await page.context().setOffline(true);
    // The page's own connection stays open in an emulated cut, so it is closed from the server's side.
    const feed = page.waitForRequest((request) => request.url().includes('/api/events'));
    service.app.getHttpServer().closeAllConnections();
    await expectText(page, '#connection-text', 'Reconnecting', 3_500);
    await page.locator('html[data-offline=true]').waitFor({ state: 'attached', timeout: 12_000 });
    expect(await page.locator('#banner').innerText()).toMatch(/Connection to the server lost\. Showing .* Try now/s);
    await page.context().setOffline(false);
    await feed;
    await expectText(page, '#connection-text', 'Live', 8_000);
    expect(await page.locator('.card').count()).toBe(5);
    await page.close();
  }, 40_000);

  it('can be paused', async () => {
    const { page } = await openPage();
    await page.goto(service.url);
    await expectText(page, '#connection-text', 'Live');
    await page.getByRole('button', { name: 'Pause' }).click();
    const before = await page.locator('#cities').innerText();
    await writer.city(
      'chicago-il',
      cityFields(Date.now(), { CITY: 'Chicago', STATE: 'IL', SENSOR_TEMPERATURE_F: 12.3 }),
    );
    await page.waitForTimeout(1_500);
    expect(await page.locator('#cities').innerText()).toBe(before);
    await page.getByRole('button', { name: 'Resume' }).click();
    await expectText(page, '[data-city=chicago-il] .value', '12.3 °F', 2_000);
    await page.close();
  }, 30_000);

  it('gives a screen reader landmarks, headings in order and named controls', async () => {
    const { page } = await openPage();
    await page.goto(service.url);
    await page.locator('.card').nth(4).waitFor();
    const session = await page.context().newCDPSession(page);
    const { nodes } = await session.send('Accessibility.getFullAXTree');
    const visible = nodes.filter((node) => !node.ignored);
    const role = (node: (typeof nodes)[number]): string => String(node.role?.value);
    const name = (node: (typeof nodes)[number]): string => String(node.name?.value ?? '');
    for (const landmark of ['banner', 'main', 'contentinfo']) {
      expect(visible.filter((node) => role(node) === landmark)).toHaveLength(1);
    }
    const controls = visible.filter((node) => ['button', 'combobox', 'link', 'menulist'].includes(role(node)));
    expect(controls.length).toBeGreaterThanOrEqual(4);
    expect(controls.filter((node) => name(node).trim() === '')).toEqual([]);
    expect(visible.filter((node) => role(node) === 'image' && name(node) === '')).toEqual([]);
    expect(visible.filter((node) => role(node) === 'article').map(name)).toEqual(
      cities.map(([, city, state]) => `${city}, ${state}`),
    );

    const levels = await page
      .locator('h1, h2, h3, h4')
      .evaluateAll((headings) =>
        headings.filter((each) => each.checkVisibility()).map((each) => Number(each.tagName.slice(1))),
      );
    expect(levels.filter((level) => level === 1)).toHaveLength(1);
    for (const [index, level] of levels.entries()) expect(level - (levels[index - 1] ?? 0)).toBeLessThanOrEqual(1);
    expect(await page.evaluate(() => document.documentElement.lang)).toBe('en');
    const ids = await page.locator('[id]').evaluateAll((all) => all.map((each) => each.id));
    expect(new Set(ids).size).toBe(ids.length);
    await page.close();
  }, 30_000);

  it.each(['light', 'dark'] as const)(
    'has enough contrast and large enough targets in the %s theme, in both palettes',
    async (colorScheme) => {
      const { page } = await openPage({ colorScheme, viewport: { width: 1440, height: 1000 } });
      await page.goto(`${service.url}/#user=10`);
      await page.locator('.person-sentence').waitFor();
      for (const palette of ['assistive', 'standard']) {
        await page.locator('#palette').selectOption(palette);
        expect(await lowContrastTexts(page)).toEqual([]);
      }
      const small = await page
        .locator('button, select')
        .evaluateAll((targets) =>
          targets
            .map((target) => target.getBoundingClientRect())
            .filter(({ width, height }) => width < 24 || height < 24),
        );
      expect(small).toEqual([]);
      await page.locator('#palette').selectOption('assistive');
      mkdirSync(screenshots, { recursive: true });
      await page.screenshot({ path: join(screenshots, `dashboard-${colorScheme}-person.png`), fullPage: true });
      await page.close();
    },
    30_000,
  );

  it('fits 320 pixels without sideways scrolling', async () => {
    const { page } = await openPage({ viewport: { width: 320, height: 640 } });
    await page.goto(`${service.url}/#user=10`);
    await page.locator('.person-sentence').waitFor();
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(320);
    mkdirSync(screenshots, { recursive: true });
    await page.screenshot({ path: join(screenshots, 'dashboard-320.png'), fullPage: true });
    await page.close();
  }, 30_000);

  it.each([
    ['abc', '“abc”, which is nobody’s id'],
    ['%E0%A4%A', 'which is nobody’s id'],
    ['-1', '“-1”, which is nobody’s id'],
    [`<img src=x onerror=alert(1)>${'x'.repeat(200)}`, '“<img src=x onerror=alert(1)>xxxxxxxxxxxx…”'],
    ['77777', 'This person has no conditions: removed, or only just added.'],
    ['99999999999999999999', 'which is nobody’s id'],
  ])(
    'lives with the address #user=%s, and says what is wrong with it',
    async (user, words) => {
      const { page, complaints } = await openPage();
      await page.goto(`${service.url}/#user=${user}`);
      await page.locator('.card').nth(4).waitFor();
      await expectText(page, '#connection-text', 'Live');
      await expectText(page, '#person-state', words);
      await page.locator('#person').selectOption('20');
      await expectText(page, '.person-sentence', 'Person 20 in Chicago');
      await page.evaluate(() => {
        location.hash = '#user=nobody';
      });
      await expectText(page, '#person-state', '“nobody”, which is nobody’s id');
      await expectText(page, '#connection-text', 'Live');
      expect(complaints).toEqual([]);
      await page.close();
    },
    30_000,
  );

  it('shows hostile names as text, within 320 pixels', async () => {
    const names = [
      '<script>alert(1)</script><b>bold</b>',
      'W'.repeat(200),
      '\u202eevil \u05d0\u05d1\u05d2 (admin)',
      '__proto__',
    ];
    for (const [index, name] of names.entries())
      await writer.user(
        500 + index,
        userFields(Date.now(), { FULL_NAME: name, CITY_KEY: 'miami-fl', CITY: name, STATE: 'FL', SENSOR_ID: name }),
      );
    await writer.sensor(names[0] ?? '', healthFields(Date.now(), { CITY_KEY: 'miami-fl', STATUS: 'STUCK' }));
    await writer.sensor('__proto__', healthFields(Date.now(), { CITY_KEY: 'miami-fl', STATUS: 'STUCK' }));
    const { page, complaints } = await openPage({ viewport: { width: 320, height: 640 } });
    for (const [index, name] of names.entries()) {
      await page.goto(`${service.url}/?n=${index}#user=${500 + index}`);
      await expectText(page, '.person-sentence', name);
      expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(320);
      expect(await page.locator('main script, main b, main img').count()).toBe(0);
    }
    expect(await page.locator('[data-city=miami-fl] .sensor-health .flags li').count()).toBe(2);
    mkdirSync(screenshots, { recursive: true });
    await page.screenshot({ path: join(screenshots, 'dashboard-hostile-320.png'), fullPage: true });
    for (const index of names.keys()) await writer.user(500 + index, null);
    for (const id of [names[0] ?? '', '__proto__'])
      await writer.sensor(id, healthFields(Date.now(), { CITY_KEY: 'miami-fl' }));
    expect(complaints).toEqual([]);
    await page.close();
  }, 60_000);

  it('stays usable under a thousand records a second', async () => {
    const { page, complaints } = await openPage();
    await page.goto(service.url);
    await page.locator('.card').nth(4).waitFor();
    const changes = await page.evaluateHandle(() => {
      const seen = { events: 0 };
      new EventSource('api/events').addEventListener('changes', () => (seen.events += 1));
      return seen;
    });
    const startedAt = Date.now();
    for (let written = 0; written < 5_000; written += 250) {
      await Promise.all(
        Array.from({ length: 250 }, (_, index) =>
          writer.city(cities[index % 5]?.[0] ?? '', cityFields(Date.now(), { SENSOR_TEMPERATURE_F: written + index })),
        ),
      );
      await page.waitForTimeout(Math.max(0, startedAt + written - Date.now()));
    }
    await expectText(page, '[data-city=miami-fl] .value', '4,999.0 °F');
    const seconds = (Date.now() - startedAt) / 1_000;
    expect((await changes.jsonValue()).events).toBeLessThanOrEqual(4 * seconds + 2);
    await page.getByRole('button', { name: 'Pause' }).click({ timeout: 2_000 });
    expect(complaints).toEqual([]);
    await page.close();
  }, 60_000);

  it('looks at once when it was hidden for an hour', async () => {
    const { page, complaints } = await openPage();
    await page.clock.install();
    await page.goto(service.url);
    await expectText(page, '#connection-text', 'Live');
    const hide = (hidden: boolean): Promise<void> =>
      page.evaluate((value) => {
        Object.defineProperty(document, 'hidden', { value, configurable: true });
        document.dispatchEvent(new Event('visibilitychange'));
      }, hidden);
    await hide(true);
    const before = await page.locator('#cities').innerText();
    await writer.city('miami-fl', cityFields(Date.now(), { CITY: 'Miami', STATE: 'FL', SENSOR_TEMPERATURE_F: 55.5 }));
    await page.waitForTimeout(1_500);
    expect(await page.locator('#cities').innerText()).toBe(before);
    await page.clock.fastForward('01:00:00');
    await hide(false);
    await expectText(page, '[data-city=miami-fl] .value', '55.5 °F');
    await expectText(page, '#connection-text', 'Live');
    expect(complaints).toEqual([]);
    await page.close();
  }, 30_000);

  it('says why values are old when a query was terminated, and comes back after a restart of the service', async () => {
    let states: unknown = [];
    const admin = createServer((_request, response) => {
      response.setHeader('Content-Type', 'application/json').end(JSON.stringify(states));
    });
    await new Promise<void>((resolve) => admin.listen(0, '127.0.0.1', resolve));
    const query = (name: string, topic: string, sources: string[], state = 'RUNNING', error: string | null = null) => ({
      ...{ name, topic, sources, state, error },
    });
    const pipelineWith = (...citySensors: [string, string | null]): unknown[] => [
      query('WEATHER_LATEST', resultTopics.weatherLatest, []),
      query('CITY_SENSORS', resultTopics.citySensors, [], ...citySensors),
      query('CITY_CONDITIONS', resultTopics.cityConditions, ['WEATHER_LATEST', 'CITY_SENSORS']),
    ];
    states = pipelineWith('RUNNING', null);
    const environment = {
      LOG_LEVEL: 'silent',
      KAFKA_BROKERS: stack.kafkaBrokers,
      CITIES_FILE: join(root, 'config/cities.json'),
      STREAM_ADMIN_URL: `http://127.0.0.1:${(admin.address() as AddressInfo).port}`,
    };
    let other = await createService(dashboardService, { ...environment, PORT: '0' });
    try {
      await eventually('the pipeline to be ready', 30_000, async () => {
        expect(await (await fetch(`${other.url}/api/pipeline`)).json()).toMatchObject({ health: 'ready', because: [] });
      });
      const { page } = await openPage({ viewport: { width: 1440, height: 1000 } });
      await page.goto(other.url);
      await expectText(page, '#connection-text', 'Live', 20_000);
      await page.locator('#pipeline').waitFor({ state: 'hidden' });

      states = pipelineWith('TERMINATED', null);
      const why = 'query CITY_SENSORS was terminated';
      await expectText(page, '#pipeline', `What feeds this page does not run: ${why}. Shown is what was last known.`);
      await expectText(page, '#connection-text', 'Pipeline not ready');
      await writer.city('miami-fl', cityFields(Date.now() - 90_000, { CITY: 'Miami', STATE: 'FL' }));
      await expectText(page, '[data-city=miami-fl] .origin', why);
      expect(await page.locator('[data-city=miami-fl] .origin').first().innerText()).not.toContain(why);
      expect(await lowContrastTexts(page)).toEqual([]);
      mkdirSync(screenshots, { recursive: true });
      await page.screenshot({ path: join(screenshots, 'dashboard-pipeline.png'), fullPage: true });

      states = pipelineWith('RUNNING', null);
      await expectText(page, '#connection-text', 'Live');
      await page.locator('#pipeline').waitFor({ state: 'hidden' });
      await other.stop();
      await expectText(page, '#connection-text', 'Reconnecting');
      other = await createService(dashboardService, { ...environment, PORT: new URL(other.url).port });
      await expectText(page, '#connection-text', 'Live', 30_000);
      expect(await page.locator('.card').count()).toBe(5);
      await page.close();
    } finally {
      await other.stop();
      admin.close();
    }
  }, 90_000);

  it('serves the probe when asked for, and lists it nowhere', async () => {
    const get = async (path: string): Promise<unknown> => (await fetch(service.url + path)).json();
    expect(await get('/api/users/99/conditions')).toMatchObject({ cityId: 'isobar-probe', sensorEventId: 'event-1' });
    expect(JSON.stringify(await get('/api/users'))).not.toContain('isobar-probe');
    expect(JSON.stringify(await get('/api/cities'))).not.toContain('isobar-probe');
    const missing = await fetch(`${service.url}/api/users/12345/conditions`);
    expect(missing.status).toBe(404);
    expect(missing.headers.get('content-type')).toMatch('application/problem+json');
  });
});

async function expectText(page: Page, selector: string, text: string, timeout = 10_000): Promise<void> {
  await page.locator(selector).filter({ hasText: text }).first().waitFor({ timeout });
}

/** Texts whose contrast with what is painted behind them is below 4.5:1 (3:1 for large text), by the formula of WCAG 2. */
function lowContrastTexts(page: Page): Promise<string[]> {
  return page.evaluate(() => {
    const parse = (color: string): number[] => (color.match(/[\d.]+/g) ?? []).map(Number);
    const luminance = ([r = 0, g = 0, b = 0]: number[]): number => {
      const linear = [r, g, b].map((part) =>
        part / 255 <= 0.04045 ? part / 255 / 12.92 : ((part / 255 + 0.055) / 1.055) ** 2.4,
      );
      return 0.2126 * (linear[0] ?? 0) + 0.7152 * (linear[1] ?? 0) + 0.0722 * (linear[2] ?? 0);
    };
    const backgroundOf = (start: Element): number[] => {
      for (let node: Element | null = start; node !== null; node = node.parentElement) {
        const color = parse(getComputedStyle(node).backgroundColor);
        if ((color[3] ?? 1) > 0.99 && color.length >= 3) return color;
      }
      return [255, 255, 255];
    };
    const found: string[] = [];
    for (const node of document.querySelectorAll<HTMLElement>('body *')) {
      const text = [...node.childNodes]
        .filter((child) => child.nodeType === 3)
        .map((child) => child.textContent?.trim())
        .join('');
      if (text === '' || !node.checkVisibility() || node.closest('.visually-hidden, .skip, noscript, option, optgroup'))
        continue;
      const style = getComputedStyle(node);
      const [light = 0, dark = 0] = [luminance(parse(style.color)), luminance(backgroundOf(node))].sort(
        (a, b) => b - a,
      );
      const contrast = (light + 0.05) / (dark + 0.05);
      const isLarge = parseFloat(style.fontSize) >= 24;
      if (contrast < (isLarge ? 3 : 4.5)) found.push(`${contrast.toFixed(2)} ${node.className}: ${text}`);
    }
    return found;
  });
}
