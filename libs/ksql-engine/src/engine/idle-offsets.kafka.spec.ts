import { expect, it } from '@jest/globals';
import { eventually, startTestStack } from '@isobar/local-stack/testing';
import { EngineOnKafka } from '../testing/engine-on-kafka.js';

const WAIT_MS = 60_000;
const MINUTES = 60_000;

const kafka = EngineOnKafka.forSpecs(() => startTestStack({ parts: ['kafka'] }));

it('a query that reads nothing for long has its offsets committed all the same, and misses nothing after a restart', async () => {
  let aheadMs = 0;
  const clock = { nowMs: (): number => Date.now() + aheadMs };
  await kafka.createTopic('quiet');
  await kafka.write('quiet', 0, 'before', { N: 1 });
  const engine = await kafka.open('idle_', { config: {}, clock });
  await kafka.execute(`CREATE STREAM quiet (k STRING KEY, n INT) WITH (kafka_topic='quiet', value_format='JSON');
    CREATE STREAM noted AS SELECT * FROM quiet EMIT CHANGES;`);
  const [query] = engine.queries.values();
  await eventually('it runs', WAIT_MS, () => expect(query?.task?.state).toBe('RUNNING'));
  const group = query?.applicationId ?? '';
  const committed = (what: string): Promise<void> =>
    eventually(what, WAIT_MS, async () =>
      expect(await kafka.broker.committedOffsets(group, ['quiet'])).toMatchObject([{ partition: 0, offset: 1 }]),
    );
  await committed('it says where it began');
  // As Kafka does with a group of which it hears nothing for long.
  await kafka.broker.deleteGroup(group);
  expect(await kafka.broker.committedOffsets(group, ['quiet'])).toEqual([]);
  aheadMs = 11 * MINUTES;
  await committed('its offsets are committed again');

  await engine.close();
  await kafka.write('quiet', 0, 'while it was away', { N: 2 });
  await kafka.open('idle_', { config: {}, clock });
  await eventually('it reads what came meanwhile', WAIT_MS, async () =>
    expect(await kafka.newest('NOTED')).toEqual({ 'while it was away': '{"N":2}' }),
  );
}, 180_000);
