import { afterEach, describe, expect, it } from '@jest/globals';
import { Body, Controller, Get, Module, Param, ParseIntPipe, Post } from '@nestjs/common';
import { ConfigService } from '@nestjs/config';
import { z } from 'zod';
import { CONFIG } from './config/config-token.js';
import { integer } from './config/environment.js';
import { ConfigError } from './config/read-config.js';
import { serviceConfig } from './config/service-config.js';
import { createService, type RunningService } from './create-service.js';
import { Readiness } from './health/readiness.js';
import { Problem } from './problems/problem.js';
import { SchemaPipe } from './problems/schema.pipe.js';
import { ApiSchemaBody } from './http/openapi.js';
import { Shutdown, stopPhases } from './shutdown/shutdown.js';

const parcelSchema = z.object({ weightKg: z.number().positive(), to: z.string().min(1) });

@Controller('parcels')
class ParcelController {
  @Post()
  @ApiSchemaBody(parcelSchema)
  send(@Body(new SchemaPipe(parcelSchema)) parcel: z.output<typeof parcelSchema>): { weightKg: number } {
    return { weightKg: parcel.weightKg };
  }

  @Get('missing')
  missing(): never {
    throw Problem.notFound('No such parcel', 'There is no parcel 7.');
  }

  @Get(':id/contents')
  contents(@Param('id', ParseIntPipe) id: number): { id: number } {
    return { id };
  }

  @Get('broken')
  broken(): never {
    throw new Error('the secret is hunter2');
  }
}

@Module({ controllers: [ParcelController] })
class ParcelModule {}

const options = {
  name: 'parcels',
  module: ParcelModule,
  config: serviceConfig(0).extend({ LIMIT: integer({ what: 'parcels a day', min: 1, max: 10, default: 5 }) }),
  api: { title: 'Parcels', description: 'Sends parcels' },
};

describe('a service', () => {
  let service: RunningService;
  const start = async (environment: Record<string, string> = {}) => {
    service = await createService(options, { LOG_LEVEL: 'silent', PORT: '0', ...environment });
    return service;
  };
  const get = async (path: string, init?: RequestInit) => fetch(`${service.url}${path}`, init);
  const read = async (path: string, init?: RequestInit) => {
    const response = await get(path, init);
    return { status: response.status, body: (await response.json()) as Record<string, unknown>, response };
  };

  afterEach(async () => {
    await service?.stop();
  });

  it('says it is alive whatever its parts do, and names the part that is down', async () => {
    await start();
    const readiness = service.app.get(Readiness);
    readiness.register({ name: 'store', check: () => undefined });
    expect(await read('/readyz')).toMatchObject({
      status: 200,
      body: { status: 'ready', parts: { store: { status: 'up' } } },
    });
    readiness.register({
      name: 'post office',
      check: () => Promise.reject(new Error('closed on Sundays')),
    });
    expect(await read('/readyz')).toMatchObject({
      status: 503,
      body: { status: 'not ready', parts: { 'post office': { status: 'down', reason: 'closed on Sundays' } } },
    });
    expect(await read('/health')).toMatchObject({
      status: 503,
      body: { status: 'error', error: { 'post office': { status: 'down', reason: 'closed on Sundays' } } },
    });
    expect(await read('/healthz')).toMatchObject({ status: 200, body: { status: 'ok' } });
  });

  it('is degraded, not unready, when only an optional part is down', async () => {
    await start();
    service.app
      .get(Readiness)
      .register({ name: 'stamps', optional: true, check: () => Promise.reject(new Error('sold out')) });
    expect(await read('/readyz')).toMatchObject({
      status: 200,
      body: { status: 'degraded', parts: { stamps: { status: 'down', optional: true, reason: 'sold out' } } },
    });
    expect(await read('/health')).toMatchObject({
      status: 200,
      body: {
        status: 'degraded',
        verdict: 'degraded',
        details: { stamps: { status: 'degraded', reason: 'sold out' } },
      },
    });
  });

  it('says how it is in its metrics with the words of /readyz', async () => {
    await start();
    const figures = async (): Promise<string[]> =>
      (await (await get('/metrics')).text())
        .split('\n')
        .filter((line) => /^isobar_(health|part_up)\{/.test(line))
        .sort();
    const health = (state: string): string[] =>
      ['degraded', 'not ready', 'ready'].map(
        (each) => `isobar_health{state="${each}",service="parcels"} ${Number(each === state)}`,
      );
    const part = (name: string, isUp: boolean): string =>
      `isobar_part_up{part="${name}",service="parcels"} ${Number(isUp)}`;
    expect(await figures()).toEqual(health('ready'));
    const readiness = service.app.get(Readiness);
    readiness.register({ name: 'stamps', optional: true, check: () => Promise.reject(new Error('sold out')) });
    expect(await figures()).toEqual([...health('degraded'), part('stamps', false)]);
    readiness.register({ name: 'store', check: () => undefined });
    readiness.register({ name: 'post office', check: () => Promise.reject(new Error('closed on Sundays')) });
    expect(await figures()).toEqual([
      ...health('not ready'),
      part('post office', false),
      part('stamps', false),
      part('store', true),
    ]);
  });

  it('answers at once with a part that hangs, however many ask, and names it', async () => {
    await start();
    let looks = 0;
    service.app.get(Readiness).register({
      name: 'post office',
      check: () => {
        looks += 1;
        return new Promise(() => undefined);
      },
    });
    const begin = performance.now();
    const answers = await Promise.all(Array.from({ length: 50 }, () => read('/health')));
    expect(performance.now() - begin).toBeLessThan(1_900);
    expect(answers[49]).toMatchObject({
      status: 503,
      body: { error: { 'post office': { reason: expect.stringContaining('no answer') } } },
    });
    expect(looks).toBe(1);
  });

  it('is not ready as soon as it stops', async () => {
    await start();
    service.app.get(Readiness).stopping();
    expect(await read('/readyz')).toMatchObject({
      status: 503,
      body: { status: 'not ready', parts: { service: { status: 'down', reason: 'the service is stopping' } } },
    });
  });

  it('serves metrics, the API description and an offline page', async () => {
    await start();
    expect(await (await get('/metrics')).text()).toContain('process_cpu_seconds_total{service="parcels"}');
    const { body } = await read('/api/docs-json');
    expect(body).toMatchObject({ paths: { '/parcels': { post: {} } } });
    expect(JSON.stringify(body)).toContain('weightKg');
    const page = await (await get('/api/docs')).text();
    expect(page).not.toMatch(/(src|href)="https?:/);
  });

  it('answers trouble with a problem body that carries the request id', async () => {
    await start();
    const invalid = await read('/parcels', {
      method: 'POST',
      headers: { 'Content-Type': 'application/json', 'X-Request-Id': 'abc-1' },
      body: JSON.stringify({ weightKg: -1 }),
    });
    expect(invalid.response.headers.get('content-type')).toContain('application/problem+json');
    expect(invalid).toMatchObject({
      status: 422,
      body: {
        type: 'https://isobar.example/problems/validation',
        requestId: 'abc-1',
        instance: '/parcels',
        errors: [{ pointer: '/weightKg' }, { pointer: '/to' }],
      },
    });
    const malformed = await read('/parcels', {
      method: 'POST',
      headers: { 'Content-Type': 'application/json' },
      body: '{"weightKg":',
    });
    expect(malformed).toMatchObject({ status: 400, body: { status: 400 } });
    expect(await read('/parcels/missing')).toMatchObject({ status: 404, body: { title: 'No such parcel' } });
    expect(await read('/parcels/seven/contents?of=1')).toMatchObject({
      status: 400,
      body: {
        detail: 'An id in /parcels/seven/contents is no number; ids of this kind are whole numbers, such as 1.',
      },
    });
    expect(await read('/nowhere')).toMatchObject({ status: 404, body: { status: 404, instance: '/nowhere' } });
    const broken = await read('/parcels/broken');
    expect(broken.status).toBe(500);
    expect(JSON.stringify(broken.body)).not.toContain('hunter2');
  });

  it('names the methods of a path that has others, and leaves unknown paths unknown', async () => {
    await start();
    const wrong = await read('/parcels', { method: 'DELETE' });
    expect(wrong).toMatchObject({ status: 405, body: { title: 'DELETE is not possible here' } });
    expect(wrong.response.headers.get('allow')).toBe('POST');
    expect((await read('/parcels/missing', { method: 'PUT' })).response.headers.get('allow')).toBe('GET, HEAD');
    expect((await read('/nowhere', { method: 'DELETE' })).status).toBe(404);
    expect((await get('/parcels/missing', { method: 'HEAD' })).status).toBe(404);
  });

  it('stops in phases, and every step of a phase before the next', async () => {
    await start();
    const shutdown = service.app.get(Shutdown);
    const order: string[] = [];
    for (const phase of [...stopPhases].reverse())
      shutdown.register(phase, phase, async () => {
        await new Promise((resolve) => setTimeout(resolve, 5));
        order.push(phase);
      });
    expect(await service.stop()).toBe(true);
    expect(order).toEqual([...stopPhases]);
    const dirty = await createService(options, { LOG_LEVEL: 'silent', PORT: '0' });
    dirty.app.get(Shutdown).register('producers', 'records', () => {
      throw new Error('some are lost');
    });
    expect(await dirty.stop()).toBe(false);
    await expect(get('/healthz')).rejects.toThrow();
  });

  it('lists every wrong setting at once', async () => {
    const failure = createService(options, { PORT: 'http', LIMIT: '11', LOG_LEVEL: 'loud' });
    await expect(failure).rejects.toThrow(ConfigError);
    const message = await failure.catch((error: Error) => error.message);
    expect(message).toContain('3 settings are wrong');
    expect(message).toContain('PORT is "http" and must be a whole number from 0 to 65535');
    expect(message).toContain('LIMIT is "11" and must be a whole number from 1 to 10 (parcels a day)');
    expect(message).toContain('LOG_LEVEL is "loud" and must be one of fatal,');
  });
});

describe('the settings of a service', () => {
  it('reach Nest as Nest people know them: one by one, by namespace, converted, and apart from the environment', async () => {
    process.env['LIMIT'] = '9';
    const service = await createService(options, { LOG_LEVEL: 'silent', PORT: '0', LIMIT: '7' });
    try {
      const config = service.app.get(ConfigService<{ LIMIT: number; service: { LIMIT: number } }, true>);
      expect(config.get('LIMIT', { infer: true })).toBe(7);
      expect(config.get('service.LIMIT', { infer: true })).toBe(7);
      expect(service.app.get<{ LIMIT: number }>(CONFIG).LIMIT).toBe(7);
      // Two services in one process do not see each other's.
      expect(process.env['LIMIT']).toBe('9');
    } finally {
      delete process.env['LIMIT'];
      await service.stop();
    }
  });
});
