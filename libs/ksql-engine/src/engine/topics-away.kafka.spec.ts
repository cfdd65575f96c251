import { expect, it } from '@jest/globals';
import { eventually, startTestStack } from '@isobar/local-stack/testing';
import { EngineOnKafka } from '../testing/engine-on-kafka.js';

const WAIT_MS = 60_000;

const kafka = EngineOnKafka.forSpecs(() => startTestStack({ parts: ['kafka'] }));

/** A query that started at the latest offset and has taken what came since. */
async function copying(serviceId: string, topic: string) {
  await kafka.createTopic(topic, 2);
  await kafka.write(topic, 0, 'before', { N: 1 });
  const engine = await kafka.open(serviceId, { config: {} });
  await kafka.execute(`CREATE STREAM source_${topic} (k STRING KEY, n INT) WITH (kafka_topic='${topic}', value_format='JSON');
    CREATE STREAM copies_${topic} AS SELECT * FROM source_${topic} EMIT CHANGES;`);
  const [query] = engine.queries.values();
  const sink = `COPIES_${topic.toUpperCase()}`;
  const keys = async () => Object.keys(await kafka.newest(sink)).sort();
  await eventually('it runs', WAIT_MS, () => expect(query?.task?.state).toBe('RUNNING'));
  await kafka.write(topic, 0, 'a', { N: 1 });
  await kafka.write(topic, 1, 'b', { N: 1 });
  await eventually('both are copied', WAIT_MS, async () => expect(await keys()).toEqual(['a', 'b']));
  return { query, keys, sink };
}

it('a deleted source topic is an error with its name, and its successor is read from its first record', async () => {
  const { query, keys } = await copying('source_', 'readings');
  await kafka.broker.deleteTopics(['readings']);
  await eventually('the query says so', WAIT_MS, () => {
    expect(query?.task?.state).toBe('ERROR');
    expect(query?.task?.errors.at(-1)?.message).toMatch(/^source topic readings does not exist any more/);
  });
  const errors = query?.task?.errors.length;
  await kafka.createTopic('readings', 2);
  await kafka.write('readings', 0, 'c', { N: 1 });
  await kafka.write('readings', 1, 'd', { N: 1 });
  await eventually('it goes on', WAIT_MS, async () => expect(await keys()).toEqual(['a', 'b', 'c', 'd']));
  expect(query?.task?.state).toBe('RUNNING');
  expect(query?.task?.errors.length).toBeGreaterThanOrEqual(errors ?? 0);
}, 180_000);

it('a deleted sink topic is an error with its name', async () => {
  const { query, sink } = await copying('sink_', 'others');
  await kafka.broker.deleteTopics([sink]);
  await kafka.write('others', 0, 'c', { N: 1 });
  await eventually('the query says so', WAIT_MS, () => {
    expect(query?.task?.state).toBe('ERROR');
    expect(query?.task?.errors.at(-1)?.message).toMatch(/^sink topic COPIES_OTHERS does not exist any more/);
  });
}, 180_000);

it('a deleted topic of state is made again, with the word that the state begins empty', async () => {
  await kafka.createTopic('counted');
  const engine = await kafka.open('state_');
  await kafka.execute(`CREATE STREAM counted (k STRING KEY, n INT) WITH (kafka_topic='counted', value_format='JSON');
    CREATE TABLE counts AS SELECT k, COUNT(*) AS n FROM counted GROUP BY k EMIT CHANGES;`);
  const [query] = engine.queries.values();
  await kafka.write('counted', 0, 'a', { N: 1 });
  await eventually('it is counted', WAIT_MS, async () =>
    expect(await kafka.newest('COUNTS')).toEqual({ a: '{"N":1}' }),
  );
  const changelogs = [...(await kafka.broker.listTopics()).keys()].filter((topic) => topic.endsWith('-changelog'));
  const [changelog = ''] = changelogs.filter((topic) => topic.startsWith(query?.applicationId ?? '?'));
  await kafka.broker.deleteTopics([changelog]);
  await kafka.write('counted', 0, 'a', { N: 1 });
  await eventually('the query says so', WAIT_MS, () =>
    expect(query?.task?.errors.map(({ message }) => message)).toContain(
      `state was lost: its topic ${changelog} was deleted; it was made again, and the state begins empty`,
    ),
  );
  await eventually('it goes on', WAIT_MS, () => expect(query?.task?.state).toBe('RUNNING'));
}, 180_000);

it('a source topic that was deleted while the server was down is an error of its query alone, and no setting moves the others', async () => {
  for (const topic of ['first', 'second']) await kafka.createTopic(topic);
  const engine = await kafka.open('down_');
  await kafka.execute(`CREATE STREAM first (k STRING KEY, n INT) WITH (kafka_topic='first', value_format='JSON');
    CREATE STREAM second (k STRING KEY, n INT) WITH (kafka_topic='second', value_format='JSON');
    CREATE STREAM of_first AS SELECT * FROM first EMIT CHANGES;
    CREATE STREAM of_second AS SELECT * FROM second EMIT CHANGES;`);
  const plans = [...engine.queries.values()].map(({ plan }) => plan);
  await engine.close();
  await kafka.broker.deleteTopics(['first']);
  const config = { 'auto.offset.reset': 'earliest', 'ksql.output.topic.name.prefix': 'other_' };
  const again = await kafka.open('down_', { config });
  expect([...again.catalog.sources.keys()]).toEqual(['FIRST', 'SECOND', 'OF_FIRST', 'OF_SECOND']);
  expect([...again.queries.values()].map(({ plan }) => plan)).toEqual(plans);
  const [ofFirst, ofSecond] = again.queries.values();
  await kafka.write('second', 0, 'a', { N: 1 });
  await eventually('the other one runs', WAIT_MS, async () =>
    expect(await kafka.newest('OF_SECOND')).toEqual({ a: '{"N":1}' }),
  );
  await eventually('the query says so', WAIT_MS, () => expect(ofFirst?.task?.state).toBe('ERROR'));
  expect(ofFirst?.errors.at(-1)?.message).toMatch(/^source topic first does not exist/);
  expect(ofSecond?.task?.state).toBe('RUNNING');
  await kafka.createTopic('first');
  await kafka.write('first', 0, 'b', { N: 2 });
  await eventually('it goes on', WAIT_MS, async () => expect(await kafka.newest('OF_FIRST')).toEqual({ b: '{"N":2}' }));
  expect([...(await kafka.broker.listTopics()).keys()].filter((topic) => topic.startsWith('other_'))).toEqual([]);
}, 180_000);
