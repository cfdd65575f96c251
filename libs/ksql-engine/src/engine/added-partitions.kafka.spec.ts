import { expect, it } from '@jest/globals';
import { eventually, startTestStack } from '@isobar/local-stack/testing';
import { Admin } from '@platformatic/kafka';
import { EngineOnKafka } from '../testing/engine-on-kafka.js';
import { partitionOf, windowCounts } from '../testing/windows-by-definition.js';

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

it('windows take what a partition delivers two hours behind another, until the topic gets partitions', async () => {
  const PARTITIONS = 4;
  const stateOf = (id: string) => kafka.states.findLast((state) => state.startsWith(id));
  await kafka.createTopic('uneven', PARTITIONS);
  await kafka.open('uneven', { config: { 'auto.offset.reset': 'earliest' } });
  await kafka.execute(`CREATE STREAM uneven (k STRING KEY, n INT) WITH (kafka_topic='uneven', value_format='JSON');
    CREATE TABLE windows AS SELECT k, COUNT(*) AS n FROM uneven
      WINDOW TUMBLING (SIZE 1 MINUTE, GRACE PERIOD 0 SECONDS) GROUP BY k EMIT CHANGES;`);
  await eventually('it runs', WAIT_MS, () => expect(task()?.state).toBe('RUNNING'));
  const KEYS = ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h'];
  const startMs = Math.floor((Date.now() - 86_400_000) / 60_000) * 60_000;
  const found = async () => windowCounts(await kafka.records('WINDOWS'), PARTITIONS);
  const total = async () =>
    Object.values(Object.fromEntries((await found()).map(({ window, count }) => [window, count]))).reduce(
      (sum, count) => sum + count,
      0,
    );
  // A partition after the other, each two hours before the one that came first.
  for (let partition = 0; partition < PARTITIONS; partition++) {
    for (const key of KEYS.filter((each) => partitionOf(each, PARTITIONS) === partition)) {
      for (const second of [0, 30, 59])
        await kafka.write('uneven', partition, key, { N: 1 }, startMs - partition * 7_200_000 + second * 1_000);
    }
    const written = 3 * KEYS.filter((each) => partitionOf(each, PARTITIONS) <= partition).length;
    await eventually('all of it is counted', WAIT_MS, async () => expect(await total()).toBe(written));
  }
  expect((await found()).filter(({ partition, partitionOfKey }) => partition !== partitionOfKey)).toEqual([]);

  await addPartitions('uneven', PARTITIONS + 1);
  await eventually('it stops and says why', WAIT_MS, () =>
    expect(stateOf('CTAS_WINDOWS')).toMatch(/ERROR: .*4 partitions of each source, and there are now 5 of uneven/),
  );
}, 180_000);
