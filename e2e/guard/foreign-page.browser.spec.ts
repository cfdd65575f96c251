import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { chromium, type Browser, type Page } from 'playwright-core';
import { chromiumArguments, findChromium } from '../chromium.js';
import { token } from './cases.js';
import { guardedServices, type AnsweringService } from './services.js';

const chromiumPath = findChromium();
if (chromiumPath === undefined) {
  process.stderr.write('SKIPPED pages of other sites: no Chromium found; install it or set CHROMIUM_PATH\n');
}

/** A name that points to this machine, as a page's owner can make it (DNS rebinding). */
const foreignName = 'pages.example';

type Ports = Readonly<Record<string, number>>;

/** What a page can send to anybody without asking first: runs in the browser. */
async function attack(ports: Ports): Promise<readonly string[]> {
  const successes: string[] = [];
  const at = (name: string, path: string): string => `http://localhost:${ports[name]}${path}`;
  const send = async (name: string, path: string, init: RequestInit): Promise<void> => {
    // Sent before anybody is asked, and not to be read: only who takes it can refuse it.
    await fetch(at(name, path), { ...init, mode: 'no-cors' }).catch(() => undefined);
    // To be read, too.
    const answer = await fetch(at(name, path), init).catch(() => undefined);
    if (answer !== undefined) successes.push(`${path} was read: ${answer.status}`);
  };
  const text = (body: unknown): RequestInit => ({
    method: 'POST',
    body: JSON.stringify(body),
    headers: { 'Content-Type': 'text/plain' },
  });
  await send('ksql-server', '/ksql', text({ ksql: 'DROP STREAM IF EXISTS iot_sensors_stream DELETE TOPIC;' }));
  await send('ksql-server', '/ksql/terminate', text({ deleteTopicList: ['.*'] }));
  await send('ksql-server', '/query-stream', text({ sql: 'SELECT * FROM user_conditions;' }));
  await send('user-service', '/users', { method: 'POST', body: new URLSearchParams({ username: 'mallory' }) });
  await send('user-service', '/users', {});
  await send('stream-admin', '/deployments', { method: 'POST' });
  await send('stream-admin', '/queries/city_sensors/redeploy', { method: 'POST' });
  await send('sensor-sim', '/sensors/miami-fl-1/pause', { method: 'POST' });
  await send('weather-ingest', '/cities', text({ name: 'Portland', state: 'OR' }));
  await send('dashboard', '/api/users', {});

  const opened = async (name: string, open: (done: (isOpen: boolean) => void) => void): Promise<void> => {
    if (await new Promise<boolean>(open)) successes.push(`${name} was opened`);
  };
  const query = encodeURIComponent(JSON.stringify({ ksql: 'SELECT * FROM user_conditions EMIT CHANGES;' }));
  await opened('a web socket', (done) => {
    const socket = new WebSocket(`ws://localhost:${ports['ksql-server']}/ws/query?request=${query}`);
    socket.onopen = () => done(true);
    socket.onerror = () => done(false);
  });
  await opened('the feed', (done) => {
    const feed = new EventSource(at('dashboard', '/api/events'));
    feed.onopen = () => done(true);
    feed.onerror = () => (feed.close(), done(false));
  });
  for (const [name, path] of [
    ['user-service', '/users'],
    ['sensor-sim', '/scenarios/heat-wave/start'],
  ] as const) {
    const frame = document.createElement('iframe');
    frame.name = `frame-${name}`;
    const form = document.createElement('form');
    Object.assign(form, { method: 'POST', action: at(name, path), target: frame.name, enctype: 'text/plain' });
    document.body.append(frame, form);
    await new Promise((resolve) => {
      frame.onload = resolve;
      form.submit();
    });
  }
  const image = new Image();
  await new Promise((resolve) => {
    image.onload = image.onerror = resolve;
    image.src = at('stream-admin', '/dead-letters');
  });
  return successes;
}

(chromiumPath === undefined ? describe.skip : describe)('pages of other sites', () => {
  let foreign: Server;
  let browser: Browser;
  let services: readonly AnsweringService[] = [];
  let ports: Ports = {};

  beforeAll(async () => {
    services = await Promise.all(guardedServices.map((service) => service.start({})));
    ports = Object.fromEntries(services.map(({ name, port }) => [name, port]));
    foreign = createServer((_request, response) => {
      response.setHeader('Content-Type', 'text/html').end('<!doctype html><title>Cats</title><body>');
    });
    await new Promise<void>((resolve) => foreign.listen(0, '127.0.0.1', resolve));
    browser = await chromium.launch({
      ...(chromiumPath !== undefined && { executablePath: chromiumPath }),
      args: [...chromiumArguments, `--host-resolver-rules=MAP ${foreignName} 127.0.0.1`],
    });
  }, 180_000);

  afterAll(async () => {
    await browser?.close();
    foreign?.close();
    await Promise.all(services.map((service) => service.stop()));
  }, 60_000);

  const foreignAddress = (name: string): string => `http://${name}:${(foreign.address() as AddressInfo).port}/`;
  const statusOf = async (page: Page, address: string): Promise<number | undefined> =>
    (await page.goto(address))?.status();

  it.each([foreignName, 'localhost', '127.0.0.1'])(
    'from %s can change nothing and read nothing',
    async (name) => {
      const page = await browser.newPage();
      const answers: string[] = [];
      page.on('response', (response) => {
        const { origin, pathname } = new URL(response.url());
        if (origin !== new URL(foreignAddress(name)).origin) answers.push(`${pathname} ${response.status()}`);
      });
      await page.goto(foreignAddress(name));
      expect(await page.evaluate(attack, ports)).toEqual([]);
      expect(answers.length).toBeGreaterThanOrEqual(12);
      expect(answers.filter((answer) => !answer.endsWith(' 403'))).toEqual([]);
      await page.close();
    },
    120_000,
  );

  it('whose name points here are not answered at all', async () => {
    const page = await browser.newPage();
    for (const [name, port] of Object.entries(ports)) {
      const path = name === 'dashboard' || name === 'ksql-server' ? '/' : '/api/docs';
      expect([name, await statusOf(page, `http://${foreignName}:${port}${path}`)]).toEqual([name, 421]);
    }
    await page.close();
  }, 60_000);

  it('may link to a page of ours, and our page works', async () => {
    const page = await browser.newPage();
    const refused: string[] = [];
    page.on('response', (response) => {
      if ([401, 403, 415, 421].includes(response.status())) refused.push(response.url());
    });
    await page.goto(foreignAddress(foreignName));
    await page.evaluate((address) => {
      const link = document.createElement('a');
      link.href = address;
      document.body.append(link);
      link.click();
    }, `http://localhost:${ports['dashboard']}/`);
    await page.waitForURL(/localhost/);
    const feed = await page.evaluate(
      () =>
        new Promise((resolve) => {
          const source = new EventSource('/api/events');
          source.onopen = () => resolve('open');
          source.onerror = () => resolve('refused');
        }),
    );
    expect(feed).toBe('open');
    expect(await page.title()).toContain('Isobar');

    await page.goto(`http://localhost:${ports['sensor-sim']}/api/docs`);
    const paused = await page.evaluate(async () => {
      const { items } = (await (await fetch('/sensors')).json()) as { items: readonly { id: string }[] };
      return (await fetch(`/sensors/${items[0]?.id}/pause`, { method: 'POST' })).status;
    });
    expect(paused).toBeLessThan(300);
    expect(refused).toEqual([]);
    await page.close();
  }, 60_000);

  it('are shown to who signs in, where credentials are asked for', async () => {
    const dashboard = await guardedServices.find(({ name }) => name === 'dashboard')?.start({ AUTH_TOKEN: token });
    if (dashboard === undefined) throw new Error('there is no dashboard');
    try {
      const address = `http://localhost:${dashboard.port}/`;
      const stranger = await browser.newPage();
      expect(await statusOf(stranger, address).catch(() => 401)).toBe(401);
      const known = await browser.newPage({ httpCredentials: { username: 'isobar', password: token } });
      expect(await statusOf(known, address)).toBe(200);
      expect(await known.evaluate(async () => (await fetch('/api/users')).status)).not.toBe(401);
      await Promise.all([stranger.close(), known.close()]);
    } finally {
      await dashboard.stop();
    }
  }, 60_000);
});
