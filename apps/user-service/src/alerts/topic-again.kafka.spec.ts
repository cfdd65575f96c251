import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { topics } from '@isobar/contracts';
import { createKafka, ensureTopics, parseProducerSettings, RecordProducer, silentLog } from '@isobar/kafka';
import { eventually } from '@isobar/local-stack/testing';
import { ServiceOnPostgres } from '../testing/service-on-postgres.js';

let service: ServiceOnPostgres;
beforeAll(async () => {
  service = await ServiceOnPostgres.start({ withKafka: true });
}, 180_000);
afterAll(async () => {
  await service?.stop();
}, 60_000);

it('alerts go on after the topic of the signals was deleted and made again', async () => {
  const kafka = { brokers: [service.stack.kafkaBrokers], clientId: 'test', log: silentLog };
  const topic = topics.readingSignals.name;
  await ensureTopics(kafka, [topics.readingSignals, topics.observationSignals]);
  const made = await service.call('POST', '/users/1/rules', {
    ...{ name: 'Hot', metric: 'SENSOR_TEMPERATURE', comparison: 'ABOVE', threshold: 80, minDurationSeconds: 0 },
    ...{ clearDelaySeconds: 0, coolDownSeconds: 0 },
  });
  expect(made.status).toBe(201);
  let atMs = Date.now() - 240_000;
  const send = async (values: readonly number[]): Promise<void> => {
    const producer = new RecordProducer(kafka, parseProducerSettings('linger.ms=0'));
    for (const value of values) {
      atMs += 5_000;
      await producer.send({
        topic,
        key: '1',
        value: JSON.stringify({ VALUE: value, EVENT_AT: atMs, EVENT_ID: `e${atMs}` }),
      });
    }
    await producer.close(5_000);
  };
  const told = async (): Promise<unknown[]> =>
    (
      await service.sql(`
        SELECT transition->>'kind' AS kind FROM alert_transitions t JOIN alerts a ON a.id = t.alert_id
        ORDER BY a.raised_at_ms, t.ordinal`)
    ).map(({ kind }) => kind);

  await send([90, 90, 60, 60, 60, 60, 60, 60, 60, 60]);
  await eventually('the first alert comes and goes', 30_000, async () => {
    expect(await told()).toEqual(['raised', 'cleared']);
  });
  const admin = createKafka(kafka).admin();
  await admin.connect();
  await admin.deleteTopics({ topics: [topic] });
  await eventually('the topic is there again', 30_000, async () => {
    await ensureTopics(kafka, [topics.readingSignals]);
    const offsets = await admin.fetchTopicOffsets(topic);
    expect(offsets.every(({ high }) => high === '0')).toBe(true);
  });
  await admin.disconnect();
  await send([90, 90]);
  await eventually('the second alert comes', 60_000, async () => {
    expect(await told()).toEqual(['raised', 'cleared', 'raised']);
  });
}, 180_000);
