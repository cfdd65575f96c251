import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { sensorReadingV1, type SensorReading } from '@isobar/contracts';
import { readTopic, silentLog, type KafkaClientOptions } from '@isobar/kafka';
import { startTestStack, until, type TestStack } from '@isobar/local-stack/testing';
import { createService, type RunningService } from '@isobar/service-kit';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { AppModule } from './app.module.js';
import { configSchema } from './config.js';

const smallDisk = mkdtempSync(join(tmpdir(), 'isobar-small-disk-'));
const mounted = spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=1m', 'tmpfs', smallDisk]).status === 0;
if (!mounted)
  process.stderr.write('SKIPPED: a full disk needs a small file system of its own, which only root may mount\n');

interface Part {
  readonly status: string;
  readonly reason?: string;
}

describe('sensor-sim', () => {
  let stack: TestStack;
  let options: KafkaClientOptions;
  let service: RunningService;
  const readings = async (): Promise<{ key: string; value: SensorReading }[]> => {
    const result: { key: string; value: SensorReading }[] = [];
    await readTopic(options, 'iot-sensors', (record) => {
      const value = sensorReadingV1.parseValue(record.value);
      if (value !== null) result.push({ key: record.key?.toString() ?? '', value });
    });
    return result;
  };
  const api = async (method: string, path: string, body?: unknown) => {
    const response = await fetch(`${service.url}${path}`, {
      method,
      ...(body === undefined ? {} : { headers: { 'Content-Type': 'application/json' }, body: JSON.stringify(body) }),
    });
    return { status: response.status, body: (await response.json()) as Record<string, unknown> };
  };

  const environment = (): Record<string, string> => ({
    PORT: '0',
    LOG_LEVEL: 'silent',
    KAFKA_BROKERS: stack.kafkaBrokers,
    CITIES_FILE: fileURLToPath(new URL('../../../config/cities.json', import.meta.url)),
  });

  beforeAll(async () => {
    stack = await startTestStack({ parts: ['kafka'] });
    options = { brokers: [stack.kafkaBrokers], clientId: 'test', log: silentLog };
    service = await createService(
      { name: 'sensor-sim', module: AppModule, config: configSchema, api: { title: 'Sensors', description: '' } },
      { ...environment(), SENSOR_INTERVAL_MS: '500' },
    );
    await until('ready', 10_000, async () => (await api('GET', '/readyz')).status === 200);
  }, 120_000);
  afterAll(async () => {
    await service?.stop();
    await stack?.stop();
  }, 30_000);

  it('lets every sensor of every city measure at the configured pace, each reading once', async () => {
    await sleep(2_500);
    const all = await readings();
    const perSensor = Map.groupBy(all, ({ key }) => key);
    expect(perSensor.size).toBe(20);
    expect(new Set(all.map(({ value }) => value.event_id)).size).toBe(all.length);
    for (const [sensorId, own] of perSensor) {
      expect(own.length).toBeGreaterThanOrEqual(4);
      const moments = own.map(({ value }) => value.measured_at as number);
      for (let i = 1; i < moments.length; i += 1) expect((moments[i] ?? 0) - (moments[i - 1] ?? 0)).toBe(500);
      expect(sensorId.startsWith(own[0]?.value.city_key ?? '?')).toBe(true);
    }
  }, 20_000);

  it('pauses and resumes one sensor', async () => {
    expect(await api('POST', '/sensors/miami-fl-01/pause')).toMatchObject({ status: 200, body: { paused: true } });
    await sleep(300);
    const count = async () => (await readings()).filter(({ key }) => key === 'miami-fl-01').length;
    const before = await count();
    await sleep(1_200);
    expect(await count()).toBe(before);
    expect(await api('POST', '/sensors/miami-fl-01/resume')).toMatchObject({ status: 200, body: { paused: false } });
    await sleep(1_200);
    expect(await count()).toBeGreaterThan(before);
    expect((await api('POST', '/sensors/none/pause')).status).toBe(404);
  }, 30_000);

  it('changes its pace while it runs', async () => {
    expect((await api('PUT', '/settings/interval', { intervalMs: 5 })).status).toBe(422);
    expect((await api('PUT', '/settings/interval', {})).status).toBe(422);
    expect(await api('PUT', '/settings/interval', { intervalMs: 3_600_000 })).toMatchObject({ status: 200 });
    await sleep(300);
    const before = (await readings()).length;
    await sleep(1_500);
    expect((await readings()).length - before).toBeLessThanOrEqual(2);
    expect(await api('PUT', '/settings/interval', { intervalMs: 100 })).toMatchObject({ status: 200 });
    await sleep(1_500);
    expect((await readings()).length - before).toBeGreaterThan(100);
  }, 30_000);

  it('starts and stops scenarios, in all cities or in some', async () => {
    expect((await api('GET', '/scenarios')).body['items']).toContainEqual(
      expect.objectContaining({ name: 'heat-wave', active: null }),
    );
    expect(await api('POST', '/scenarios/sensor-impossible/start', { cities: ['miami-fl'] })).toMatchObject({
      status: 200,
      body: { active: { cities: ['miami-fl'] } },
    });
    expect((await api('POST', '/scenarios/rain-of-frogs/start', {})).status).toBe(404);
    expect((await api('POST', '/scenarios/storm/start', { cities: ['atlantis'] })).status).toBe(422);
    await sleep(500);
    expect(await api('POST', '/scenarios/sensor-impossible/stop')).toMatchObject({ body: { active: null } });
    const impossible = (await readings()).filter(({ value }) => value.temperature_fahrenheit === 999);
    expect(new Set(impossible.map(({ key }) => key))).toEqual(new Set(['miami-fl-01']));
  }, 20_000);

  it('delivers what it took before it stops', async () => {
    const { body } = await api('GET', '/sensors');
    const last = (body['items'] as { id: string; latest: { measuredAt: string } | null }[]).find(
      ({ latest }) => latest !== null,
    );
    expect(await service.stop()).toBe(true);
    const own = (await readings())
      .filter(({ key }) => key === last?.id)
      .map(({ value }) => value.measured_at as number);
    expect(Math.max(...own)).toBeGreaterThanOrEqual(Date.parse(last?.latest?.measuredAt ?? ''));
  }, 20_000);

  it('runs through hours in seconds with true event times, and the same seed gives the same bytes', async () => {
    const hoursMs = 2 * 3_600_000;
    const ends = new Map<number, bigint>();
    /** What came into the topic since the last call: `SENSOR TIME` to the bytes of the value. */
    const added = async (): Promise<Map<string, string>> => {
      const result = new Map<string, string>();
      await readTopic(options, 'iot-sensors', ({ partition, offset, key, value, timestampMs }) => {
        if (BigInt(offset) < (ends.get(partition) ?? 0n)) return;
        ends.set(partition, BigInt(offset) + 1n);
        result.set(`${key?.toString()} ${timestampMs}`, value?.toString() ?? '');
      });
      return result;
    };
    const lapse = async (): Promise<Map<string, string>> => {
      service = await createService(
        { name: 'sensor-sim', module: AppModule, config: configSchema, api: { title: 'Sensors', description: '' } },
        {
          ...environment(),
          SENSOR_INTERVAL_MS: '60000',
          SENSOR_TIME_LAPSE_HOURS: '2',
          SENSOR_TIME_LAPSE_SPEED: '3600',
        },
      );
      const beganMs = Date.now();
      await until('the present', 30_000, async () => {
        const { body } = await api('GET', '/sensors');
        const items = body['items'] as { latest: { measuredAt: string } | null }[];
        return items.every(({ latest }) => Date.parse(latest?.measuredAt ?? '') > beganMs - 120_000);
      });
      // Two hours have passed in two seconds, and in some more on a busy machine.
      expect(Date.now() - beganMs).toBeLessThan(hoursMs / 100);
      await service.stop();
      return added();
    };
    await added();
    const [first, second] = [await lapse(), await lapse()];
    expect(first.size).toBeGreaterThanOrEqual(20 * 118);
    const times = [...first.keys()].map((name) => Number(name.split(' ')[1]));
    expect(Math.max(...times) - Math.min(...times)).toBeGreaterThan(hoursMs - 180_000);
    for (const [name, value] of first)
      expect(`${name.split(' ')[0]} ${sensorReadingV1.parseValue(value)?.measured_at}`).toBe(name);
    const shared = [...first].filter(([name]) => second.has(name));
    expect(shared.length).toBeGreaterThanOrEqual(20 * 115);
    expect(shared.filter(([name, value]) => second.get(name) !== value)).toEqual([]);
  }, 90_000);

  (mounted ? it : it.skip)(
    'says that the disk is full while the broker is away, lives, and goes on when there is room',
    async () => {
      const other = await createService(
        { name: 'sensor-sim', module: AppModule, config: configSchema, api: { title: 'Sensors', description: '' } },
        { ...environment(), SENSOR_INTERVAL_MS: '10', BUFFER_DIR: smallDisk },
      );
      const get = async (path: string) => {
        const response = await fetch(`${other.url}${path}`);
        return { status: response.status, body: (await response.json()) as { parts?: Record<string, Part> } };
      };
      const buffer = async (): Promise<Part | undefined> => (await get('/readyz')).body.parts?.['buffer'];
      try {
        await until('ready', 30_000, async () => (await get('/readyz')).status === 200);
        await stack.kill('kafka');
        await until('the disk to be full', 60_000, async () => (await buffer())?.status === 'down');
        expect((await buffer())?.reason).toContain(`no room on the disk of ${smallDisk}`);
        expect((await get('/healthz')).status).toBe(200);
        expect((await get('/sensors')).status).toBe(200);
        spawnSync('mount', ['-o', 'remount,size=300m', smallDisk]);
        await until('room', 60_000, async () => (await buffer())?.status === 'up');
        await stack.restart('kafka');
        await until('ready', 60_000, async () => (await get('/readyz')).status === 200);
      } finally {
        await other.stop();
        spawnSync('umount', [smallDisk]);
        rmSync(smallDisk, { recursive: true, force: true });
      }
    },
    240_000,
  );
});
