import { expect, it } from '@jest/globals';
import { eventually, startTestStack } from '@isobar/local-stack/testing';
import { EngineOnKafka } from '../testing/engine-on-kafka.js';

// A group that nobody commits to for `offsets.retention.minutes` is deleted by Kafka; here the tests delete it.
const WAIT_MS = 60_000;

const kafka = EngineOnKafka.forSpecs(() => startTestStack({ parts: ['kafka'] }));

const applicationId = (): string => [...(kafka.engine?.queries.values() ?? [])][0]?.applicationId ?? '';
const task = () => [...(kafka.engine?.queries.values() ?? [])][0]?.task;
const checkpointsOf = (serviceId: string): string => `_confluent-ksql-${serviceId}_checkpoints`;

/** A query that counted ten records, and then was closed. */
async function countedTen(serviceId: string): Promise<string> {
  const topic = `source_${serviceId}`;
  const sink = `COUNTS_${serviceId.toUpperCase()}`;
  await kafka.createTopic(topic, 1);
  for (let n = 0; n < 10; n++) await kafka.write(topic, 0, 'a', { N: n });
  await kafka.open(serviceId);
  await kafka.execute(`CREATE STREAM ${topic} (k STRING KEY, n INT) WITH (kafka_topic='${topic}', value_format='JSON');
    CREATE TABLE ${sink} AS SELECT k, COUNT(*) AS n FROM ${topic} GROUP BY k EMIT CHANGES;`);
  await eventually('ten are counted', WAIT_MS, async () => expect(await kafka.newest(sink)).toEqual({ a: '{"N":10}' }));
  const group = applicationId();
  await kafka.engine?.close();
  await kafka.broker.deleteGroup(group);
  return sink;
}

it('goes on where its state stands, although the group has expired', async () => {
  const sink = await countedTen('expired');
  await kafka.open('expired');
  await kafka.write('source_expired', 0, 'a', { N: 11 });
  await eventually('the eleventh is counted, and no other again', WAIT_MS, async () =>
    expect(await kafka.newest(sink)).toEqual({ a: '{"N":11}' }),
  );
  const counts = (await kafka.records(sink)).map(({ value }) => Buffer.from(value ?? []).toString());
  expect(counts.filter((count) => count === '{"N":11}')).toHaveLength(1);
}, 180_000);

it('leaves nothing out that came while it was away, although it began at the latest offset', async () => {
  await kafka.createTopic('latest', 1);
  await kafka.open('latest', { config: {} });
  await kafka.execute(`CREATE STREAM latest (k STRING KEY, n INT) WITH (kafka_topic='latest', value_format='JSON');
    CREATE STREAM copies AS SELECT * FROM latest EMIT CHANGES;`);
  await eventually('it runs', WAIT_MS, () => expect(task()?.state).toBe('RUNNING'));
  await kafka.write('latest', 0, 'a', { N: 1 });
  const copies = async () => Object.keys(await kafka.newest('COPIES')).sort();
  await eventually('one is copied', WAIT_MS, async () => expect(await copies()).toEqual(['a']));
  const group = applicationId();
  await kafka.engine?.close();
  await kafka.broker.deleteGroup(group);
  await kafka.write('latest', 0, 'b', { N: 2 });
  await kafka.open('latest', { config: {} });
  await eventually('the other too', WAIT_MS, async () => expect(await copies()).toEqual(['a', 'b']));
}, 180_000);

it('stops with the reason when state is there and nothing says how far it goes', async () => {
  const sink = await countedTen('orphan');
  await kafka.broker.deleteTopics([checkpointsOf('orphan')]);
  await kafka.open('orphan');
  await eventually('it says so', WAIT_MS, () => {
    expect(task()?.state).toBe('ERROR');
    expect(task()?.errors.at(-1)).toMatchObject({
      message: expect.stringMatching(/-changelog holds state, but the offsets that belong to it are gone/),
      type: 'SYSTEM',
    });
  });
  expect(await kafka.newest(sink)).toEqual({ a: '{"N":10}' });
}, 180_000);

it('goes on from the offsets of the group where no checkpoint was written, or an older one', async () => {
  const sink = await countedTen('older');
  const [checkpoint] = (await kafka.records(checkpointsOf('older'))).slice(-1);
  const id = Buffer.from(checkpoint?.key ?? []).toString();
  const { offsets } = JSON.parse(Buffer.from(checkpoint?.value ?? []).toString()) as {
    offsets: Record<string, Record<string, number>>;
  };
  // As a server would have left it that knows of no checkpoints: further in the group, and the state with it.
  const writer = await kafka.broker.openWriter('older-server');
  const changelog = [...(await kafka.broker.listTopics()).keys()].find(
    (topic) => topic.startsWith(id) && topic.endsWith('-changelog'),
  );
  const [state] = (await kafka.records(changelog ?? '')).slice(-1);
  await kafka.write('source_older', 0, 'a', { N: 11 });
  await writer.commit(
    [{ topic: changelog ?? '', partition: 0, key: state?.key ?? null, value: null, timestamp: 0, headers: [] }],
    [
      {
        groupId: id,
        offsets: Object.entries(offsets['source_older'] ?? {}).map(([partition, offset]) => ({
          topic: 'source_older',
          partition: Number(partition),
          offset: partition === '0' ? offset + 1 : offset,
          metadata: '',
        })),
      },
    ],
  );
  await writer.close();
  await kafka.open('older');
  await kafka.write('source_older', 0, 'a', { N: 12 });
  // The state of that server was empty; what counts is that the eleventh is not read again.
  await eventually('only the twelfth is counted', WAIT_MS, async () =>
    expect(await kafka.newest(sink)).toEqual({ a: '{"N":1}' }),
  );
}, 180_000);

it('does not guess at a checkpoint of a later version', async () => {
  await countedTen('future');
  const [checkpoint] = (await kafka.records(checkpointsOf('future'))).slice(-1);
  await kafka.write(checkpointsOf('future'), 0, Buffer.from(checkpoint?.key ?? []).toString(), { version: 3 });
  await kafka.open('future');
  await eventually('it says so', WAIT_MS, () =>
    expect(task()?.errors.at(-1)?.message).toMatch(/its version is 3, this server knows 2/),
  );
}, 180_000);

it('forgets the checkpoint of a query that was terminated', async () => {
  await countedTen('ended');
  await kafka.open('ended');
  const id = applicationId();
  await eventually('it runs', WAIT_MS, () => expect(task()?.state).toBe('RUNNING'));
  await kafka.execute('TERMINATE ALL;');
  const newest = (await kafka.records(checkpointsOf('ended'))).findLast(
    ({ key }) => Buffer.from(key ?? []).toString() === id,
  );
  expect(newest?.value).toBeNull();
}, 180_000);
