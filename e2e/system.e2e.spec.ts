import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { resultTopics } from '@isobar/contracts';
import { parseProducerSettings, RecordProducer } from '@isobar/kafka';
import { eventually } from '@isobar/local-stack/testing';
import { setTimeout as delay } from 'node:timers/promises';
import { getJson, jsonOf, kafkaOptions, latestByKey, records, sendJson } from './probes.js';
import { startRuntime, type Addresses, type KillablePart, type Runtime } from './runtime.js';

const CITIES = ['new-york-ny', 'los-angeles-ca', 'chicago-il', 'san-francisco-ca', 'miami-fl'];
const WINDOW_MS = 5 * 60_000;

interface User {
  readonly id: number;
}
interface CityWindow {
  readonly city: string;
  readonly windowStart: number;
}

describe(`the whole system (${process.env['E2E_RUNTIME'] ?? 'native'})`, () => {
  let runtime: Runtime;
  let at: Addresses;
  let producer: RecordProducer;

  beforeAll(async () => {
    runtime = await startRuntime();
    at = runtime.addresses;
    producer = new RecordProducer(kafkaOptions(at.kafkaBrokers), parseProducerSettings('acks=all'));
  }, 600_000);
  afterAll(async () => {
    await producer?.close();
    await runtime?.stop();
  }, 120_000);

  const conditionsOf = async (userId: number) =>
    latestByKey(await records(at.kafkaBrokers, 'user-conditions')).get(String(userId));

  it('serves all five cities with weather, sensors and a source for each', async () => {
    await eventually('five cities with weather and sensors', 60_000, async () => {
      const rows = latestByKey(await records(at.kafkaBrokers, 'city-conditions'));
      for (const city of CITIES) {
        expect(rows.get(city)).toMatchObject({
          WEATHER_SOURCE: expect.stringMatching(/^(nws|sample)$/),
          WEATHER_TEMPERATURE_F: expect.any(Number),
          SENSOR_TEMPERATURE_F: expect.any(Number),
          AIR_QUALITY_INDEX: expect.any(Number),
        });
      }
    });
    const cities = await getJson<{ id: string }[]>(`${at.dashboardUrl}/api/cities`);
    expect(cities.map((city) => city.id)).toEqual(CITIES);
  }, 90_000);

  it("has no row of the start's own test in any table", async () => {
    for (const topic of Object.values(resultTopics)) {
      const rows = [...latestByKey(await records(at.kafkaBrokers, topic))];
      expect(rows.filter((row) => JSON.stringify(row).includes('isobar-probe'))).toEqual([]);
    }
  }, 60_000);

  it('serves every user of every city, at least 15 of 15', async () => {
    const { items: users } = await getJson<{ items: User[] }>(`${at.userServiceUrl}/users?limit=1000`);
    expect(users.length).toBeGreaterThanOrEqual(15);
    await eventually('a row for each user, with weather and sensors', 60_000, async () => {
      const rows = latestByKey(await records(at.kafkaBrokers, 'user-conditions'));
      const local = latestByKey(await records(at.kafkaBrokers, 'user-local-sensors'));
      const unserved = users.filter(({ id }) => {
        const row = rows.get(String(id));
        return (
          typeof row?.['SENSOR_TEMPERATURE_F'] !== 'number' ||
          typeof row['WEATHER_TEMPERATURE_F'] !== 'number' ||
          !local.has(String(id))
        );
      });
      expect(unserved).toEqual([]);
    });
  }, 90_000);

  it('follows a user who is inserted, moves and is deleted over REST', async () => {
    const user = await sendJson<User>('POST', `${at.userServiceUrl}/users`, {
      username: `mover-${Date.now()}`,
      fullName: 'Mo Ver',
      cityKey: 'miami-fl',
    });
    await eventually('the new user has a row of Miami', 20_000, async () => {
      expect(await conditionsOf(user.id)).toMatchObject({ CITY_KEY: 'miami-fl', CITY: 'Miami' });
    });
    const movedAt = Date.now();
    await sendJson('PATCH', `${at.userServiceUrl}/users/${user.id}`, { cityKey: 'chicago-il' });
    await eventually('the user has a row of Chicago', 10_000, async () => {
      expect(await conditionsOf(user.id)).toMatchObject({ CITY_KEY: 'chicago-il', CITY: 'Chicago' });
    });
    expect(Date.now() - movedAt).toBeLessThan(10_000);
    const deletedAt = Date.now();
    await sendJson('DELETE', `${at.userServiceUrl}/users/${user.id}`);
    await eventually('the row is deleted', 10_000, async () => expect(await conditionsOf(user.id)).toBeUndefined());
    expect(Date.now() - deletedAt).toBeLessThan(10_000);
    // Sensors report every five seconds; a row that came back, or of the old city, would show within two rounds.
    await delay(11_000);
    const mine = (await records(at.kafkaBrokers, 'user-conditions')).filter(
      (r) => r.key?.toString() === String(user.id),
    );
    expect(mine.at(-1)?.value).toBeNull();
    const afterMove = mine.slice(mine.findIndex((r) => jsonOf(r.value)?.['CITY_KEY'] === 'chicago-il'));
    expect(afterMove.filter((r) => jsonOf(r.value)?.['CITY_KEY'] === 'miami-fl')).toEqual([]);
  }, 90_000);

  it('tells a person of smoke beyond their limit: once, why, and that it is over', async () => {
    const conditions = latestByKey(await records(at.kafkaBrokers, 'city-conditions')).get('miami-fl');
    const usual = Number(conditions?.['AIR_QUALITY_INDEX']);
    const user = await sendJson<User>('POST', `${at.userServiceUrl}/users`, {
      username: `smoke-${Date.now()}`,
      fullName: 'Smo Ke',
      cityKey: 'miami-fl',
    });
    const mine = `${at.userServiceUrl}/users/${user.id}`;
    await sendJson('POST', `${mine}/rules`, {
      name: 'Bad air',
      metric: 'AIR_QUALITY_INDEX',
      comparison: 'ABOVE',
      threshold: usual + 30,
      deadband: 5,
      minDurationSeconds: 5,
      clearDelaySeconds: 5,
    });
    const told = async (): Promise<string[]> =>
      (await getJson<{ items: { kind: string }[] }>(`${mine}/inbox`)).items.map(({ kind }) => kind);
    // A normal day tells nobody anything.
    await delay(12_000);
    expect(await told()).toEqual([]);
    const scenario = `${at.sensorSimUrl}/scenarios/wildfire-smoke`;
    await sendJson('POST', `${scenario}/start`, {});
    try {
      await eventually('the person is told', 180_000, async () => expect(await told()).toEqual(['raised']));
      const { items } = await getJson<{ items: { id: string; state: string }[] }>(`${mine}/alerts?state=open`);
      expect(items).toMatchObject([{ name: 'Bad air', state: 'active' }]);
      const why = await getJson<{ steps: { kind: string; rebuilt: boolean; evidence: object[] }[] }>(
        `${at.userServiceUrl}/alerts/${items[0]?.id}/why`,
      );
      expect(why.steps).toMatchObject([{ kind: 'raised', rebuilt: true }]);
    } finally {
      await sendJson('POST', `${scenario}/stop`, {});
    }
    await eventually('the person is told that it is over', 120_000, async () =>
      expect(await told()).toEqual(['cleared', 'raised']),
    );
    await sendJson('DELETE', mine);
  }, 400_000);

  it('goes on past records that are no JSON, of a wrong type, without a key, or of 2 MB, and sets them aside', async () => {
    const marker = `bad-${Date.now()}`;
    const bad = [
      { key: 'k', value: `{"city_key": ${marker}` },
      {
        key: 'k',
        value: JSON.stringify({
          city_key: 'miami-fl',
          temperature_f: { not: marker },
          temperature_fahrenheit: { not: marker },
          username: 'x',
          aqi_limit: { not: marker },
        }),
      },
      { key: null, value: JSON.stringify({ city_key: 'miami-fl', note: marker }) },
      { key: 'k', value: `${marker}${'x'.repeat(2 * 1024 * 1024)}` },
    ];
    for (const topic of ['weather-data', 'iot-sensors', 'postgres-users']) {
      for (const { key, value } of bad) {
        const record = { topic, key: key === null ? null : Buffer.from(key), value: Buffer.from(value), headers: {} };
        // A compacted topic takes no record without a key: the broker itself says so, and its producer hears it.
        if (topic === 'postgres-users' && key === null)
          await expect(producer.send(record)).rejects.toThrow('INVALID_RECORD');
        else await producer.send(record);
      }
    }
    await eventually('the bad records are dead letters that name their place', 30_000, async () => {
      const letters = (await records(at.kafkaBrokers, 'dead-letters')).filter((r) => r.value?.includes(marker));
      const topicsSeen = new Set(letters.map((letter) => String(letter.headers['dead-letter-topic'])));
      expect([...topicsSeen].sort()).toEqual(['iot-sensors', 'postgres-users', 'weather-data']);
    });
    await expectFresh('after the bad records');
  }, 90_000);

  /** Every city's newest reading reaches the joined table. */
  async function expectFresh(when: string): Promise<void> {
    const now = Date.now();
    await eventually(`fresh readings of all cities ${when}`, 60_000, async () => {
      const rows = latestByKey(await records(at.kafkaBrokers, 'city-conditions'));
      for (const city of CITIES) expect(Number(rows.get(city)?.['SENSOR_MEASURED_AT'])).toBeGreaterThan(now);
    });
  }

  it.each<KillablePart>(['ksql-server', 'connect', 'sensor-sim'])(
    'loses nothing when %s is killed with -9 under way',
    async (part) => {
      await runtime.kill(part);
      const user = await sendJson<User>('POST', `${at.userServiceUrl}/users`, {
        username: `during-${part}-${Date.now()}`,
        fullName: `During ${part}`,
        cityKey: 'chicago-il',
      });
      await eventually(`the user inserted while ${part} was away has a row`, 90_000, async () => {
        expect(await conditionsOf(user.id)).toMatchObject({ CITY_KEY: 'chicago-il' });
      });
      await sendJson('DELETE', `${at.userServiceUrl}/users/${user.id}`);
      await expectFresh(`after ${part} was killed`);
    },
    180_000,
  );

  it("counts each city's five-minute windows exactly as a recomputation from the input topic does, kills included", async () => {
    await eventually('all windows agree', 60_000, async () => {
      // Results first: inputs read later can only be more, so whatever a window counted must be there.
      const counted = await windowCounts();
      const expected = recomputed((await records(at.kafkaBrokers, 'iot-sensors')).map((r) => r.value));
      expect(counted.size).toBeGreaterThanOrEqual(CITIES.length);
      for (const [window, count] of expected) {
        const { windowStart } = JSON.parse(window) as CityWindow;
        // The window that is still filling may be a reading behind.
        if (windowStart + WINDOW_MS > Date.now() - 5_000) {
          expect(counted.get(window) ?? 0).toBeLessThanOrEqual(count);
          expect(count - (counted.get(window) ?? 0)).toBeLessThanOrEqual(16);
        } else {
          expect({ window, count: counted.get(window) }).toEqual({ window, count });
        }
      }
    });
  }, 300_000);

  async function windowCounts(): Promise<Map<string, number>> {
    const rows = latestByKey(await records(at.kafkaBrokers, 'city-averages-5m'));
    return new Map(
      [...rows.values()].map((row) => [
        JSON.stringify({ city: String(row['CITY_ID']), windowStart: Number(row['WINDOW_START']) } satisfies CityWindow),
        Number(row['READING_COUNT']),
      ]),
    );
  }

  function recomputed(values: readonly (Buffer | null)[]): Map<string, number> {
    const counts = new Map<string, number>();
    for (const value of values) {
      const reading = readable(value);
      if (!reading) continue;
      const windowStart = Math.floor(reading.measuredAt / WINDOW_MS) * WINDOW_MS;
      const window = JSON.stringify({ city: reading.city, windowStart } satisfies CityWindow);
      counts.set(window, (counts.get(window) ?? 0) + 1);
    }
    return counts;
  }

  function readable(value: Buffer | null): { city: string; measuredAt: number } | undefined {
    try {
      const reading = jsonOf(value);
      const [city, measuredAt] = [reading?.['city_key'], reading?.['measured_at']];
      // The readings of a start's own test are in no window.
      if (city === 'isobar-probe') return undefined;
      return typeof city === 'string' && typeof measuredAt === 'number' ? { city, measuredAt } : undefined;
    } catch {
      return undefined;
    }
  }
});
