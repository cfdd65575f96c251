import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { createService, LOGGER, type RunningService } from '@isobar/service-kit';
import type { Logger } from 'pino';
import { fileURLToPath } from 'node:url';
import { AppModule } from './app.module.js';
import { configSchema } from './config.js';

describe('what an operator changes', () => {
  let service: RunningService;
  const lines: [Record<string, unknown>, string][] = [];

  beforeAll(async () => {
    service = await createService(
      { name: 'sensor-sim', module: AppModule, config: configSchema },
      {
        PORT: '0',
        LOG_LEVEL: 'silent',
        KAFKA_BROKERS: '127.0.0.1:1',
        CITIES_FILE: fileURLToPath(new URL('../../../config/cities.json', import.meta.url)),
      },
    );
    Object.assign(service.app.get<Logger>(LOGGER), {
      info: (fields: Record<string, unknown>, message: string) => lines.push([fields, message]),
    });
  }, 60_000);
  afterAll(async () => {
    await service?.stop();
  }, 30_000);

  it('leaves a line in the log, once it has happened, and none when nothing changes', async () => {
    const send = async (method: string, path: string, body?: unknown) =>
      (
        await fetch(service.url + path, {
          method,
          ...(body === undefined
            ? {}
            : { headers: { 'Content-Type': 'application/json' }, body: JSON.stringify(body) }),
        })
      ).status;
    const { items } = (await (await fetch(`${service.url}/sensors`)).json()) as { items: { id: string }[] };
    const id = items[0]?.id ?? '';
    expect(await send('POST', '/scenarios/heat-wave/start', { cities: ['miami-fl'] })).toBe(200);
    expect(await send('POST', '/scenarios/heat-wave/start', { cities: ['chicago-il'] })).toBe(200);
    expect(await send('POST', '/scenarios/heat-wave/stop')).toBe(200);
    expect(await send('POST', '/scenarios/heat-wave/stop')).toBe(200);
    expect(await send('POST', '/scenarios/no-such-thing/start', {})).toBe(404);
    expect(await send('PUT', '/settings/interval', { intervalMs: 7_000 })).toBe(200);
    expect(await send('PUT', '/settings/interval', { intervalMs: 7_000 })).toBe(200);
    expect(await send('POST', `/sensors/${id}/resume`)).toBe(200);
    for (const what of ['pause', 'pause', 'resume', 'resume'])
      expect(await send('POST', `/sensors/${id}/${what}`)).toBe(200);
    expect(lines).toEqual([
      [{ scenario: 'heat-wave', cities: ['miami-fl'] }, 'scenario started'],
      [{ scenario: 'heat-wave' }, 'scenario stopped'],
      [{ intervalMs: 7_000, before: 5_000 }, 'interval changed'],
      [{ sensor: id }, 'sensor paused'],
      [{ sensor: id }, 'sensor resumed'],
    ]);
  });
});
