import { expect, it } from '@jest/globals';
import { eventually, startTestStack } from '@isobar/local-stack/testing';
import { Admin } from '@platformatic/kafka';
import { EngineOnKafka } from '../testing/engine-on-kafka.js';

const WAIT_MS = 60_000;

const kafka = EngineOnKafka.forSpecs(() => startTestStack({ parts: ['kafka'] }));

const task = () => [...(kafka.engine?.queries.values() ?? [])][0]?.task;

async function addPartitions(topic: string, count: number): Promise<void> {
  const admin = new Admin({ clientId: 'spec', bootstrapBrokers: [kafka.bootstrap] });
  await admin.createPartitions({ topics: [{ name: topic, count }] });
  await admin.close();
}

it('reads the partitions that a topic gets while the query runs and while nothing does, each from its first record', async () => {
  await kafka.createTopic('growing', 1);
  await kafka.open('growing', { config: {} });
  await kafka.execute(`CREATE STREAM growing (k STRING KEY, n INT) WITH (kafka_topic='growing', value_format='JSON');
    CREATE TABLE counts AS SELECT k, COUNT(*) AS n FROM growing GROUP BY k EMIT CHANGES;`);
  await eventually('it runs', WAIT_MS, () => expect(task()?.state).toBe('RUNNING'));
  const counts = (): Promise<Readonly<Record<string, string>>> => kafka.newest('COUNTS');
  await kafka.write('growing', 0, 'a', { N: 1 });
  await eventually('one is counted', WAIT_MS, async () => expect(await counts()).toEqual({ a: '{"N":1}' }));

  await addPartitions('growing', 3);
  await kafka.write('growing', 2, 'a', { N: 1 });
  await kafka.write('growing', 1, 'b', { N: 1 });
  await eventually('those of new partitions too', WAIT_MS, async () =>
    expect(await counts()).toEqual({ a: '{"N":2}', b: '{"N":1}' }),
  );
  expect(task()?.errors.at(-1)?.message).toBe(
    'growing has more partitions than before: all of them are read from now on',
  );
  expect(task()?.state).toBe('RUNNING');
  expect(task()?.metrics.restarts).toBe(0);

  await kafka.engine?.close();
  await addPartitions('growing', 4);
  await kafka.write('growing', 3, 'b', { N: 1 });
  await kafka.open('growing', { config: {} });
  await eventually('also what came while nothing ran', WAIT_MS, async () =>
    expect(await counts()).toEqual({ a: '{"N":2}', b: '{"N":2}' }),
  );
}, 180_000);
