import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { createKafka, silentLog } from '@isobar/kafka';
import { eventually } from '@isobar/local-stack/testing';
import { startServerOnKafka, type ServerOnKafka } from './testing/server-on-kafka.js';

let running: ServerOnKafka;
beforeAll(async () => {
  running = await startServerOnKafka({ KSQL_KSQL_STREAMS_AUTO_OFFSET_RESET: 'earliest' });
}, 120_000);
afterAll(() => running?.stop(), 60_000);

it('a query goes on, and ends, whoever else is a member of its group; Kafka’s tools see how far it has read', async () => {
  const { server, kafkaBrokers } = running;
  const [, created] = await server.ksql(
    "CREATE STREAM taps (k VARCHAR KEY, n INT) WITH (KAFKA_TOPIC='taps', VALUE_FORMAT='JSON', PARTITIONS=1);" +
      'CREATE STREAM kept AS SELECT * FROM taps EMIT CHANGES;',
  );
  const { queryId } = (created as { commandStatus: { queryId: string } }).commandStatus;
  const groupId = `_confluent-ksql-default_query_${queryId}`;
  const kafka = createKafka({ brokers: [kafkaBrokers], clientId: 'spec', log: silentLog });
  const admin = kafka.admin();
  const stranger = kafka.consumer({ groupId });
  await admin.connect();
  const committed = async (): Promise<string | undefined> =>
    (await admin.fetchOffsets({ groupId, topics: ['taps'] }))[0]?.partitions[0]?.offset;
  const state = async (): Promise<string | undefined> => (await admin.describeGroups([groupId])).groups[0]?.state;
  try {
    await server.ksql("INSERT INTO taps (k, n) VALUES ('a', 1);");
    await eventually('what it has read is committed', 30_000, async () => expect(await committed()).toBe('1'));
    expect(await state()).toBe('Empty');

    await stranger.connect();
    await stranger.subscribe({ topic: 'taps' });
    await stranger.run({ autoCommit: false, eachMessage: async () => undefined });
    await eventually('the stranger is a member', 30_000, async () => expect(await state()).toBe('Stable'));
    await server.ksql("INSERT INTO taps (k, n) VALUES ('b', 2);");
    await eventually('it goes on', 30_000, async () => expect(await committed()).toBe('2'));

    await server.ksql(`TERMINATE ${queryId};`);
    expect(await server.ksql('SHOW QUERIES;')).toMatchObject([{ queries: [] }]);
  } finally {
    await Promise.allSettled([stranger.disconnect(), admin.disconnect()]);
  }
}, 120_000);
