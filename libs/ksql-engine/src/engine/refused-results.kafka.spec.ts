import { expect, it } from '@jest/globals';
import { eventually, startTestStack } from '@isobar/local-stack/testing';
import { DEAD_LETTERS, EngineOnKafka } from '../testing/engine-on-kafka.js';

const PARTITIONS = 3;
const HOUR_MS = 3_600_000;
const WAIT_MS = 60_000;

const kafka = EngineOnKafka.forSpecs(() => startTestStack({ parts: ['kafka'] }));

const text = (bytes: Uint8Array | null | undefined): string => Buffer.from(bytes ?? []).toString();

it('a result that the broker does not take goes to the dead letters, and all others arrive once', async () => {
  const nowMs = Date.now();
  await kafka.createTopic('readings', PARTITIONS);
  const engine = await kafka.open('refusing_');
  await kafka.execute(`
    CREATE STREAM readings (city STRING KEY, n INT, taken BIGINT)
      WITH (kafka_topic='readings', value_format='JSON', timestamp='TAKEN');
    CREATE STREAM copies AS SELECT * FROM readings EMIT CHANGES;
    CREATE TABLE counts AS SELECT city, COUNT(*) AS n FROM readings GROUP BY city EMIT CHANGES;`);
  const expected: string[] = [];
  for (let n = 0; n < 12; n++) {
    for (let partition = 0; partition < PARTITIONS; partition++) {
      const isBad = n % PARTITIONS === partition;
      const value = { N: n, TAKEN: isBad ? nowMs + 2 * HOUR_MS : nowMs };
      await kafka.write('readings', partition, `city-${partition}`, value);
      if (!isBad) expected.push(`city-${partition} ${JSON.stringify(value)}`);
    }
  }
  await kafka.write('readings', 0, 'last', { N: 0, TAKEN: nowMs });
  expected.push(`last ${JSON.stringify({ N: 0, TAKEN: nowMs })}`);
  await eventually('the last copy', WAIT_MS, async () => expect(await kafka.newest('COPIES')).toHaveProperty('last'));
  await eventually('the last count', WAIT_MS, async () => expect(await kafka.newest('COUNTS')).toHaveProperty('last'));
  const copies = (await kafka.records('COPIES')).map(({ key, value }) => `${text(key)} ${text(value)}`);
  expect(copies.sort()).toEqual(expected.sort());
  const letters = await kafka.records(DEAD_LETTERS);
  const ofCopies = letters.filter(({ headers }) => text(headers[0]?.value).startsWith('A result of CSAS_COPIES'));
  expect(ofCopies).toHaveLength(12);
  expect(text(ofCopies[0]?.key)).toMatch(/^city-[012]$/);
  expect(text(ofCopies[0]?.headers[0]?.value)).toMatch(
    /^A result of CSAS_COPIES_\d+ was left out: topic COPIES does not take it: INVALID_TIMESTAMP: Timestamp/,
  );
  for (const query of engine.queries.values()) expect([query.task?.state, query.task?.errors]).toEqual(['RUNNING', []]);
  const copying = [...engine.queries.values()].find(({ sinkTopic }) => sinkTopic === 'COPIES');
  expect(copying?.task?.metrics).toMatchObject({ recordsRefused: 12, restarts: 0 });
}, 120_000);

it('a state that is too large for its changelog is said, keeps no other key back, and is what it was after a restart', async () => {
  await kafka.createTopic('words', 1);
  const changelog = '_confluent-ksql-large_query_CTAS_LISTS_1-Aggregate-Aggregate-Materialize-changelog';
  await kafka.createTopic(changelog, 1, { 'cleanup.policy': 'compact', 'max.message.bytes': '3000' });
  const engine = await kafka.open('large_');
  await kafka.execute(`
    CREATE STREAM words (k STRING KEY, w STRING) WITH (kafka_topic='words', value_format='JSON');
    CREATE TABLE lists AS SELECT k, COLLECT_LIST(w) AS l FROM words GROUP BY k EMIT CHANGES;`);
  const [query] = engine.queries.values();
  expect(`${query?.applicationId}-`).toBe(changelog.split('Aggregate')[0]);
  const wide = 'x'.repeat(2_000);
  const sizes = async () =>
    Object.fromEntries(
      Object.entries(await kafka.newest('LISTS')).map(([key, value]) => [
        key,
        (JSON.parse(value) as { L: [] }).L.length,
      ]),
    );
  await kafka.write('words', 0, 'large', { W: wide });
  await eventually('the first row', WAIT_MS, async () => expect(await sizes()).toEqual({ large: 1 }));
  await kafka.write('words', 0, 'large', { W: wide });
  await kafka.write('words', 0, 'small', { W: 'a' });
  await eventually('both rows', WAIT_MS, async () => expect(await sizes()).toEqual({ large: 2, small: 1 }));
  expect([query?.task?.state, query?.task?.errors.length]).toEqual(['RUNNING', 1]);
  expect(query?.task?.errors[0]?.message).toMatch(
    /^The state of one key of CTAS_LISTS_\d+ was not kept, a restart goes back to the one before: topic .*-changelog does not take it: MESSAGE_TOO_LARGE/,
  );
  await kafka.open('large_');
  await kafka.write('words', 0, 'small', { W: 'b' });
  await kafka.write('words', 0, 'large', { W: 'c' });
  await eventually('the rows after it', WAIT_MS, async () => expect(await sizes()).toEqual({ large: 2, small: 2 }));
}, 120_000);
