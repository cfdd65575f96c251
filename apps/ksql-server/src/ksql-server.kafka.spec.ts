import { stretchedMs } from '@isobar/local-stack/testing';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { WriteRecord } from '@isobar/ksql-engine';
import type { KafkaBroker } from '@isobar/ksql-engine/kafka';
import { readdirSync, readFileSync } from 'node:fs';
import { connect } from 'node:http2';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { startServerOnKafka, type ServerOnKafka } from './testing/server-on-kafka.js';
import type { ServerProcess } from './testing/server-process.js';

const EARLIEST = { 'auto.offset.reset': 'earliest' };

describe('ksql-server on a real broker', () => {
  let running: ServerOnKafka | undefined;
  let broker: KafkaBroker;
  let server: ServerProcess;

  beforeAll(async () => {
    running = await startServerOnKafka();
    ({ broker, server } = running);
    await broker.createTopics([
      { topic: 'dead-letters', partitions: 1, replicas: 1, config: { 'max.message.bytes': '5000000' } },
    ]);
  }, 120_000);
  afterAll(() => running?.stop(), 60_000);

  const json = (topic: string, key: string | null, value: unknown, timestamp = 1_700_000_000_000): WriteRecord => ({
    topic,
    key: key === null ? null : Buffer.from(key),
    value: typeof value === 'string' ? Buffer.from(value) : Buffer.from(JSON.stringify(value)),
    timestamp,
    headers: [],
  });

  async function eventually<T>(look: () => Promise<T>, timeoutMs = 20_000): Promise<T> {
    const startedMs = performance.now();
    for (;;) {
      try {
        return await look();
      } catch (error) {
        if (performance.now() - startedMs > stretchedMs(timeoutMs, 2))
          throw new Error(`${String(error)}\n${server.output.slice(-2000)}`, { cause: error });
      }
      await delay(100);
    }
  }

  it('answers who it is over HTTP/1.1 and over HTTP/2 in clear text on the same port', async () => {
    const info = (await (await fetch(`${server.url}/info`)).json()) as Record<string, Record<string, unknown>>;
    expect(info['KsqlServerInfo']).toMatchObject({ ksqlServiceId: 'default_', serverStatus: 'RUNNING' });
    const session = connect(server.url);
    const overHttp2 = await new Promise<string>((resolve, reject) => {
      const stream = session.request({ ':path': '/info' });
      let text = '';
      stream.on('data', (chunk: Buffer) => (text += chunk.toString()));
      stream.on('end', () => resolve(text));
      stream.on('error', reject);
    });
    session.close();
    expect(JSON.parse(overHttp2)).toEqual(info);
  });

  it('runs the pipeline: every file of ksql/, people joined with the conditions of their city', async () => {
    await broker.createTopics(
      ['weather-data', 'weather-forecasts', 'weather-alerts', 'iot-sensors', 'postgres-users'].map((topic) => ({
        topic,
        partitions: topic === 'postgres-users' ? 1 : 3,
        replicas: 1,
        config: {},
      })),
    );
    for (const sql of pipeline()) await server.ksql(sql, EARLIEST);
    const now = Date.now();
    const weather = {
      city_key: 'miami-fl',
      city: 'Miami',
      state: 'FL',
      temperature_f: 80.5,
      source: 'sample',
      observed_at: now,
    };
    const reading = (n: number) => ({
      event_id: `e${n}`,
      city_key: 'miami-fl',
      location: 'Miami',
      state: 'FL',
      temperature_fahrenheit: 90 + n,
      air_quality_index: 40 + n,
      measured_at: now,
    });
    await broker.write([
      json('postgres-users', '1', {
        id: 1,
        username: 'ann',
        city_key: 'miami-fl',
        temp_high_f: 85,
        temp_low_f: 30,
        aqi_limit: 100,
        updated_at_ms: now,
      }),
      json('postgres-users', '2', {
        id: 2,
        username: 'bob',
        city_key: 'miami-fl',
        temp_high_f: 95,
        temp_low_f: 30,
        aqi_limit: 10,
        updated_at_ms: now,
      }),
      json('weather-data', 'miami-fl', weather),
      json('iot-sensors', 's1', reading(1)),
      json('iot-sensors', 's2', reading(2)),
    ]);
    await eventually(async () => {
      const rows = (
        await server.queryStream(
          'SELECT ID, CITY, WEATHER_TEMPERATURE_F, SENSOR_TEMPERATURE_F, COMFORT, AIR FROM USER_CONDITIONS;',
        )
      ).slice(1);
      expect(rows.sort()).toEqual([
        [1, 'Miami', 80.5, 92, 'HOT', 'WITHIN_LIMIT'],
        [2, 'Miami', 80.5, 92, 'COMFORTABLE', 'ABOVE_LIMIT'],
      ]);
    });
    await eventually(async () => {
      const [, window] = await server.queryStream(
        "SELECT READING_COUNT, AVG_TEMP FROM CITY_AVERAGES_5M WHERE CITY_KEY = 'miami-fl';",
      );
      expect(window).toEqual([2, 91.5]);
    });
    await broker.write([
      json('postgres-users', '2', {
        id: 2,
        username: 'bob',
        city_key: 'chicago-il',
        temp_high_f: 95,
        temp_low_f: 30,
        aqi_limit: 10,
        updated_at_ms: now + 1,
      }),
      { topic: 'postgres-users', key: Buffer.from('1'), value: null, timestamp: now + 1, headers: [] },
    ]);
    await eventually(async () => {
      const rows = (await server.queryStream('SELECT ID, CITY_KEY, CITY FROM USER_CONDITIONS;')).slice(1);
      expect(rows).toEqual([[2, 'chicago-il', null]]);
    });
  }, 90_000);

  it('counts exactly once over kills with -9 under way', async () => {
    await broker.createTopics([{ topic: 'clicks', partitions: 3, replicas: 1, config: {} }]);
    await server.ksql(
      "CREATE STREAM clicks (who VARCHAR KEY, n INT) WITH (KAFKA_TOPIC='clicks', VALUE_FORMAT='JSON');",
    );
    await server.ksql(
      'CREATE TABLE click_counts AS SELECT who, COUNT(*) AS c, SUM(n) AS s FROM clicks GROUP BY who EMIT CHANGES;',
      EARLIEST,
    );
    const keys = ['a', 'b', 'c', 'd', 'e'];
    let written = 0;
    for (let round = 0; round < 6; round++) {
      const batch = Array.from({ length: 500 }, (_, i) => json('clicks', keys[i % keys.length]!, { n: 1 }));
      await broker.write(batch);
      written += batch.length;
      if (round % 2 === 1) {
        await delay(150 * round);
        await server.end('SIGKILL');
        await server.start();
      }
    }
    await eventually(async () => {
      const rows = (await server.queryStream('SELECT WHO, C, S FROM CLICK_COUNTS;')).slice(1);
      expect(rows.sort()).toEqual(keys.map((key) => [key, written / keys.length, written / keys.length]));
    }, 60_000);
    // What readers of the result topic see agrees, and never went back.
    const reader = await broker.openReader(
      (await broker.bounds('CLICK_COUNTS')).map(({ partition, start }) => ({
        topic: 'CLICK_COUNTS',
        partition,
        offset: start,
      })),
    );
    const seen = new Map<string, number>();
    for (let empty = 0; empty < 3;) {
      const parts = await reader.poll(200);
      empty = parts.every((part) => part.records.length === 0) ? empty + 1 : 0;
      for (const record of parts.flatMap((part) => [...part.records])) {
        const key = Buffer.from(record.key!).toString();
        const { C: count } = JSON.parse(Buffer.from(record.value!).toString()) as { C: number };
        expect(count).toBeGreaterThan(seen.get(key) ?? 0);
        seen.set(key, count);
      }
    }
    await reader.close();
    expect([...seen.values()]).toEqual(keys.map(() => written / keys.length));
  }, 180_000);

  it('lets no query that cannot commit hold up the others, although they share transactions', async () => {
    await broker.createTopics([{ topic: 'taps', partitions: 1, replicas: 1, config: {} }]);
    await server.ksql(
      "CREATE STREAM taps (k VARCHAR KEY, v INT) WITH (KAFKA_TOPIC='taps', VALUE_FORMAT='JSON');" +
        'CREATE STREAM taps_kept AS SELECT k, v FROM taps EMIT CHANGES;' +
        'CREATE STREAM taps_lost AS SELECT k, v FROM taps EMIT CHANGES;',
      EARLIEST,
    );
    const keptAfter = async (value: number, timeoutMs: number) => {
      const startedMs = Date.now();
      await broker.write([json('taps', 'a', { v: value })]);
      const count = async () => (await server.queryStream('SELECT V FROM TAPS_KEPT;')).slice(1);
      await eventually(async () => expect((await count()).at(-1)).toEqual([value]), timeoutMs);
      return Date.now() - startedMs;
    };
    await keptAfter(1, 20_000);
    await broker.deleteTopics(['TAPS_LOST']);
    // The first transaction that the lost topic is part of fails for both; from then on the query that lost its topic commits alone.
    await keptAfter(2, 30_000);
    await eventually(async () => {
      const queries = (await server.ksql('LIST QUERIES;'))[0]!['queries'] as { id: string; state: string }[];
      expect(queries.find(({ id }) => id.startsWith('CSAS_TAPS_LOST'))?.state).toBe('ERROR');
    }, 30_000);
    expect(await keptAfter(3, 20_000)).toBeLessThan(5_000);
    const rows = (await server.queryStream('SELECT V FROM TAPS_KEPT;')).slice(1);
    expect(rows).toEqual([[1], [2], [3]]);
    await server.ksql('DROP STREAM taps_lost; DROP STREAM taps_kept; DROP STREAM taps;');
  }, 120_000);

  it('goes on past bad records and sets each aside with bytes and place', async () => {
    await broker.createTopics([
      { topic: 'readings', partitions: 1, replicas: 1, config: { 'max.message.bytes': '4000000' } },
    ]);
    await server.ksql(
      "CREATE STREAM readings (k VARCHAR KEY, v INT) WITH (KAFKA_TOPIC='readings', VALUE_FORMAT='JSON');",
    );
    await server.ksql('CREATE STREAM doubled AS SELECT k, v * 2 AS v FROM readings EMIT CHANGES;', EARLIEST);
    await broker.write([
      json('readings', 'a', { v: 1 }),
      json('readings', 'a', 'no json'),
      json('readings', 'a', { v: { not: 'a number' } }),
      json('readings', null, { v: 2 }),
      json('readings', 'a', 'x'.repeat(2 * 1024 * 1024)),
      json('readings', 'a', { v: 3 }),
    ]);
    const [, ...rows] = await server.queryStream('SELECT K, V FROM DOUBLED EMIT CHANGES LIMIT 3;', EARLIEST);
    expect(rows).toEqual([
      ['a', 2],
      [null, 4],
      ['a', 6],
    ]);
    const reader = await broker.openReader([{ topic: 'dead-letters', partition: 0, offset: 0 }]);
    const letters: string[] = [];
    await eventually(async () => {
      for (const part of await reader.poll(200)) {
        for (const record of part.records) {
          const header = (name: string) =>
            Buffer.from(record.headers.find((h) => h.key === name)?.value ?? []).toString();
          if (header('dead-letter-topic') !== 'readings') continue;
          letters.push(`${header('dead-letter-partition')}:${header('dead-letter-offset')}:${record.value?.length}`);
        }
      }
      expect(letters).toEqual(['0:1:7', '0:2:24', `0:4:${2 * 1024 * 1024}`]);
    });
    await reader.close();
  }, 60_000);

  it('answers mistakes in the shape of ksqlDB, with line and column, and changes nothing', async () => {
    const before = await server.ksql('LIST STREAMS;');
    const response = await server.post('/ksql', {
      ksql: "CREATE STREAM ok1 (a INT) WITH (KAFKA_TOPIC='clicks', VALUE_FORMAT='JSON');\nCREATE STREM oops;",
    });
    expect(response.status).toBe(400);
    expect(await response.json()).toMatchObject({
      '@type': 'statement_error',
      error_code: 40001,
      message: expect.stringContaining('line 2:8'),
    });
    expect(await server.ksql('LIST STREAMS;')).toEqual(before);
    const select = await server.post('/ksql', { ksql: 'SELECT * FROM clicks EMIT CHANGES;' });
    expect([select.status, ((await select.json()) as { error_code: number }).error_code]).toEqual([400, 40002]);
  });

  it('ends a push query when its client leaves', async () => {
    const abort = new AbortController();
    const response = await fetch(`${server.url}/query-stream`, {
      method: 'POST',
      body: JSON.stringify({ sql: 'SELECT * FROM clicks EMIT CHANGES;' }),
      signal: abort.signal,
    });
    const reader = response.body!.getReader();
    const header = JSON.parse(Buffer.from((await reader.read()).value!).toString()) as { queryId: string };
    expect(header.queryId).toMatch(/^transient_CLICKS_\d+$/);
    abort.abort();
    await eventually(async () => {
      const closed = await server.post('/close-query', { queryId: header.queryId });
      expect(closed.status).toBe(400);
    });
  });

  it('keeps what was created, paused and dropped over an orderly restart', async () => {
    await server.ksql('CREATE STREAM tripled AS SELECT k, v * 3 AS v FROM readings EMIT CHANGES;', EARLIEST);
    const queries = async () =>
      ((await server.ksql('LIST QUERIES;'))[0]!['queries'] as { id: string; state: string }[])
        .map(({ id, state }) => `${id} ${state}`)
        .sort();
    const tripled = (await queries()).find((line) => line.startsWith('CSAS_TRIPLED'))!.split(' ')[0]!;
    await server.ksql(`PAUSE ${tripled};`);
    await server.ksql('DROP STREAM doubled;');
    const before = await queries();
    expect(before).toContain(`${tripled} PAUSED`);
    expect(await server.end('SIGTERM')).toBe(0);
    await server.start();
    // One of them has no sink any more, and finds that out when it has restored its state.
    await eventually(async () => expect(await queries()).toEqual(before));
    await server.ksql(`RESUME ${tripled};`);
    const [, row] = await server.queryStream('SELECT V FROM TRIPLED EMIT CHANGES LIMIT 1;', EARLIEST);
    expect(row).toEqual([3]);
  }, 60_000);

  function pipeline(): string[] {
    const folder = fileURLToPath(new URL('../../../ksql', import.meta.url));
    const wanted = [
      'weather_stream',
      'iot_sensors_stream',
      'users',
      'weather_forecasts',
      'weather_alerts',
      'checked_observations',
      'weather_health',
      'weather_latest',
      'city_sensors',
      'city_conditions',
      'city_warnings',
      'sensor_signals',
      'checked_readings',
      'late_readings',
      'sensor_pauses',
      'sensor_pauses_stream',
      'sensor_silences',
      'sensor_flags',
      'sensor_health',
      'city_averages_5m',
      'city_averages_1h',
      'forecast_averages_10m',
      'sensor_sessions_30s',
      'user_local_sensors',
      'user_conditions',
      'user_alert_context',
    ];
    const files = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((file) => file.endsWith('.sql'));
    return wanted.map((name) =>
      readFileSync(`${folder}/${files.find((file) => file.endsWith(`/${name}.sql`))!}`, 'utf8'),
    );
  }
});
