import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { createService, type RunningService } from '@isobar/service-kit';
import { chromium, type Browser, type Page } from 'playwright-core';
import { accessibilityViolations, findAxe } from '../../../e2e/axe.js';
import { chromiumArguments, findChromium } from '../../../e2e/chromium.js';
import { AppModule } from './app.module.js';
import { configSchema } from './config.js';
import { citiesFile } from './testing/service-on-postgres.js';

const chromiumPath = findChromium();
const axe = chromiumPath === undefined ? undefined : findAxe();
if (chromiumPath === undefined) process.stderr.write('SKIPPED the page of an API in a browser: no Chromium found\n');

/** Every service serves the same page; this one has all kinds of operations. */
(axe === undefined ? describe.skip : describe)('the page of an API', () => {
  let service: RunningService;
  let browser: Browser;
  let page: Page;

  beforeAll(async () => {
    service = await createService(
      { name: 'user-service', module: AppModule, config: configSchema, api: { title: 'People', description: 'Who.' } },
      {
        PORT: '0',
        LOG_LEVEL: 'silent',
        DATABASE_URL: 'postgres://isobar:none@127.0.0.1:1/isobar',
        CITIES_FILE: citiesFile,
      },
    );
    browser = await chromium.launch({ executablePath: chromiumPath ?? '', args: chromiumArguments });
    page = await browser.newPage();
    await page.goto(`${service.url}/api/docs`);
    await page.waitForSelector('.opblock');
  }, 120_000);
  afterAll(async () => {
    await browser?.close();
    await service?.stop();
  }, 60_000);

  it('has a title of its own', async () => {
    expect(await page.title()).toBe('People API');
  });

  it('shuts nobody out, closed and with every operation open', async () => {
    expect(await accessibilityViolations(page, axe ?? '')).toEqual([]);
    for (const operation of await page.$$('.opblock-summary-control')) await operation.click();
    await page.waitForFunction("document.querySelectorAll('.responses-table').length >= 5");
    expect(await accessibilityViolations(page, axe ?? '')).toEqual([]);
    // Every operation of a service that has some sixty makes a large page to judge.
  }, 300_000);

  it('sends a request from where it is', async () => {
    await page.click('#operations-users-UsersController_list .try-out__btn');
    await page.click('#operations-users-UsersController_list .execute');
    await page.waitForSelector('#operations-users-UsersController_list .live-responses-table .response-col_status');
    const status = await page.textContent(
      '#operations-users-UsersController_list .live-responses-table tbody .response-col_status',
    );
    // Without its database the service says so; what matters is that the page's own request is let in.
    expect(status).toMatch(/^503/);
  }, 60_000);
});
