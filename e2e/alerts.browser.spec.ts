import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { topics } from '@isobar/contracts';
import { ensureTopics, parseProducerSettings, RecordProducer, silentLog } from '@isobar/kafka';
import { startTestStack, type TestStack } from '@isobar/local-stack/testing';
import { createService, type RunningService } from '@isobar/service-kit';
import { mkdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import pg from 'pg';
import { chromium, type Browser } from 'playwright-core';
import { dashboardService } from '../apps/dashboard/src/app.module.js';
import { ResultWriter, userFields } from '../apps/dashboard/test/result-records.js';
import { acknowledgeAlert, listAlerts, whyAlert } from '../apps/isobar/src/commands/alert.js';
import { userService } from '../apps/user-service/src/app.module.js';
import { accessibilityViolations, findAxe } from './axe.js';
import { chromiumArguments, findChromium } from './chromium.js';
import { sendJson } from './probes.js';

const root = resolve(import.meta.dirname, '..');
const screenshots = join(root, '.isobar/screenshots');
const chromiumPath = findChromium();
const axe = chromiumPath === undefined ? undefined : findAxe();
if (chromiumPath === undefined)
  process.stderr.write('SKIPPED alerts in a browser: no Chromium found; install it or set CHROMIUM_PATH\n');

(chromiumPath === undefined ? describe.skip : describe)('the alerts of a person in a browser', () => {
  let stack: TestStack;
  let people: RunningService;
  let dashboard: RunningService;
  let writer: ResultWriter;
  let producer: RecordProducer;
  let browser: Browser;
  let atMs = Date.now() - 240_000;

  beforeAll(async () => {
    stack = await startTestStack({ parts: ['kafka', 'postgres'] });
    const kafka = { brokers: [stack.kafkaBrokers], clientId: 'test', log: silentLog };
    await ensureTopics(kafka, [topics.readingSignals, topics.observationSignals]);
    producer = new RecordProducer(kafka, parseProducerSettings('linger.ms=0'));
    writer = await ResultWriter.open(kafka);
    await writer.user(
      1,
      userFields(Date.now(), { USERNAME: 'ann', FULL_NAME: 'Ann Smith', CITY_KEY: 'miami-fl', CITY: 'Miami' }),
    );
    const common = {
      PORT: '0',
      LOG_LEVEL: 'silent',
      KAFKA_BROKERS: stack.kafkaBrokers,
      CITIES_FILE: join(root, 'config/cities.json'),
    };
    people = await createService(userService, { ...common, DATABASE_URL: stack.databaseUrl });
    for (let attempt = 0; (await fetch(`${people.url}/readyz`)).status !== 200; attempt += 1) {
      if (attempt > 300) throw new Error('user-service is not ready in time');
      await new Promise((done) => setTimeout(done, 100));
    }
    dashboard = await createService(dashboardService, {
      ...common,
      USER_SERVICE_URL: people.url,
      SENSOR_INTERVAL_MS: '600000',
    });
    browser = await chromium.launch({ executablePath: chromiumPath ?? '', args: chromiumArguments });
  }, 180_000);
  afterAll(async () => {
    await browser?.close();
    await dashboard?.stop();
    await people?.stop();
    await writer?.close();
    await producer?.close();
    await stack?.stop();
  }, 60_000);

  async function signal(limitId: number, value: number): Promise<void> {
    atMs += 5_000;
    await producer.send({
      topic: topics.readingSignals.name,
      key: String(limitId),
      value: JSON.stringify({ VALUE: value, EVENT_AT: atMs, EVENT_ID: `e${atMs}` }),
    });
  }

  it('shows an alert as it is raised, lets it be acknowledged and snoozed, says why, and that it is over', async () => {
    const rule = { name: 'Bad air', metric: 'AIR_QUALITY_INDEX', comparison: 'ABOVE', threshold: 100 };
    await sendJson('POST', `${people.url}/users/1/rules`, { ...rule, minDurationSeconds: 10, clearDelaySeconds: 5 });
    const client = new pg.Client({ connectionString: stack.databaseUrl });
    await client.connect();
    const { rows } = await client.query<{ id: string }>('SELECT id FROM alert_limits');
    await client.end();
    const limitId = Number(rows[0]?.id);

    const page = await browser.newPage({ viewport: { width: 1280, height: 900 }, bypassCSP: true });
    const complaints: string[] = [];
    page.on('console', (message) => {
      if (['error', 'warning'].includes(message.type())) complaints.push(message.text());
    });
    page.on('pageerror', (error) => complaints.push(error.message));
    await page.goto(`${dashboard.url}/#user=1`);
    await page.locator('#alerts-state', { hasText: 'No open alerts.' }).waitFor();

    for (const value of [80, 120, 130, 150, 140, 145]) await signal(limitId, value);
    const alert = page.locator('#alerts-open .alert');
    await alert.waitFor({ timeout: 30_000 });
    expect(await alert.locator('.alert-name').innerText()).toBe('Bad air');
    expect(await alert.locator('.badge').innerText()).toBe('warning · active');
    expect(await alert.locator('.alert-sentence').innerText()).toMatch(
      /^The air quality index is \d+, above your limit of 100; at its worst 150\.$/,
    );

    await alert.getByRole('button', { name: 'Why?' }).click();
    await alert.locator('.alert-reasons summary', { hasText: 'These records alone lead to it again.' }).waitFor();
    await alert.locator('.alert-reasons summary').click();
    expect(await alert.locator('.alert-reasons').innerText()).toMatch(
      /stayed there for 10 s[^]*reading-signals\/\d @\d/,
    );
    if (axe !== undefined) expect(await accessibilityViolations(page, axe)).toEqual([]);
    mkdirSync(screenshots, { recursive: true });
    await page.screenshot({ path: join(screenshots, 'alerts.png'), fullPage: true });

    await alert.getByRole('button', { name: 'Acknowledge' }).click();
    await alert.locator('.alert-times', { hasText: 'acknowledged' }).waitFor();
    expect(await alert.getByRole('button', { name: 'Acknowledge' }).isVisible()).toBe(false);
    await alert.getByRole('button', { name: 'Snooze 1 h' }).click();
    await alert.locator('.alert-times', { hasText: 'snoozed until' }).waitFor();

    for (const value of [60, 60, 60, 60]) await signal(limitId, value);
    await page.locator('#alerts-state', { hasText: 'No open alerts. The last one ended' }).waitFor({ timeout: 30_000 });
    await page.locator('#alerts-ended-part > summary').click();
    expect(await page.locator('#alerts-ended .badge').innerText()).toBe('warning · over');
    expect(complaints).toEqual([]);
    await page.close();
  }, 120_000);

  it('says the same on the command line', async () => {
    const options = { output: 'text', server: people.url };
    const said: string[] = [];
    const log = jest.spyOn(console, 'log').mockImplementation((text: string) => void said.push(text));
    try {
      await listAlerts('1', options);
      expect(said.pop()).toMatch(/^ID .*\n[0-9a-f]{32} +Bad air +warning +ended/);
      const { items } = (await (await fetch(`${people.url}/users/1/alerts`)).json()) as { items: { id: string }[] };
      await whyAlert(items[0]?.id ?? '', options);
      expect(said.pop()).toMatch(
        / {2}raised\n {2}The air quality index went above 100[^]*reading-signals\/\d @\d+\n {4}these records alone lead to it again\n[^]* {2}cleared\n/,
      );
      await expect(acknowledgeAlert(items[0]?.id ?? '', options)).rejects.toThrow('It has ended');
      await listAlerts('2', options);
      expect(said.pop()).toBe('person 2 has had no alerts');
    } finally {
      log.mockRestore();
    }
  }, 30_000);
});
