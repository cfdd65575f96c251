import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { resultTopics } from '@isobar/contracts';
import { KeptAdmin, silentLog } from '@isobar/kafka';
import { eventually, startTestStack, type TestStack } from '@isobar/local-stack/testing';
import { createService, type RunningService } from '@isobar/service-kit';
import { join } from 'node:path';
import { dashboardService } from '../src/app.module.js';
import { cityFields, healthFields, ResultWriter, userFields } from './result-records.js';

describe('a result topic that is made again', () => {
  let stack: TestStack;
  let writer: ResultWriter;
  let admin: KeptAdmin;
  let service: RunningService;

  beforeAll(async () => {
    stack = await startTestStack({ parts: ['kafka'] });
    const options = { brokers: [stack.kafkaBrokers], clientId: 'test', log: silentLog };
    writer = await ResultWriter.open(options);
    admin = new KeptAdmin(options);
    service = await createService(dashboardService, {
      PORT: '0',
      LOG_LEVEL: 'silent',
      SENSOR_INTERVAL_MS: '600000',
      KAFKA_BROKERS: stack.kafkaBrokers,
      CITIES_FILE: join(import.meta.dirname, '../../../config/cities.json'),
    });
  }, 120_000);
  afterAll(async () => {
    await service?.stop();
    await admin?.close();
    await writer?.close();
    await stack?.stop();
  }, 60_000);

  const get = async <T>(path: string): Promise<T> => (await fetch(service.url + path)).json() as Promise<T>;
  const peopleAre = (...ids: number[]): Promise<void> =>
    eventually(`the people ${ids.join(', ')}`, 60_000, async () => {
      const people = await get<{ id: number }[]>('/api/users');
      expect(people.map(({ id }) => id)).toEqual(ids);
    });

  it('leaves nobody on the page who is only in the old one, and nothing else is forgotten', async () => {
    const now = Date.now();
    await writer.city('miami-fl', cityFields(now, { CITY: 'Miami' }));
    await writer.sensor('miami-fl-01', healthFields(now, { CITY_KEY: 'miami-fl' }));
    for (const id of [1, 2]) await writer.user(id, userFields(now, { CITY_KEY: 'miami-fl', FULL_NAME: `P${id}` }));
    await peopleAre(1, 2);

    const topic = resultTopics.userConditions;
    await admin.use((client) => client.deleteTopics({ topics: [topic] }));
    await eventually('the topic to be gone and made again', 30_000, () =>
      admin.use(async (client) => {
        const isMade = await client.createTopics({ topics: [{ topic, numPartitions: 3, replicationFactor: 1 }] });
        expect(isMade).toBe(true);
      }),
    );
    await writer.user(2, userFields(now, { CITY_KEY: 'miami-fl', FULL_NAME: 'P2' }));
    await writer.user(3, userFields(now, { CITY_KEY: 'miami-fl', FULL_NAME: 'P3' }));
    await peopleAre(2, 3);
    expect(await get('/api/cities/miami-fl')).toMatchObject({ people: 2, sensorHealth: { sensors: 1 } });
    expect((await fetch(`${service.url}/api/users/1/conditions`)).status).toBe(404);
  }, 120_000);
});
