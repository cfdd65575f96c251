import { expect } from '@jest/globals';
import { BrokerUnavailableError } from '../../ports/broker.js';
import { recordBytes } from '../../ports/record-bytes.js';
import type { Promises } from './harness.js';

export const topicPromises: Promises = (test) => {
  test('says which cluster it is, the same to everybody', async ({ broker, cluster }) => {
    const id = await broker.clusterId();
    expect(id).not.toBe('');
    expect(await cluster.connect().clusterId()).toBe(id);
  });

  test('makes topics twice without complaint, lists and deletes them', async (tools) => {
    const { broker } = tools;
    const [a, b] = [await tools.topic(3, { 'retention.ms': '5000' }), await tools.topic(1, { 'retention.ms': '-1' })];
    await broker.createTopics([{ topic: a, partitions: 5, replicas: 1, config: {} }]);
    const topics = await broker.listTopics();
    expect(topics.get(a)).toMatchObject({ partitions: 3, replicas: 1, retentionMs: 5_000 });
    expect(topics.get(b)).toMatchObject({ partitions: 1, replicas: 1, retentionMs: -1 });
    await broker.deleteTopics([a, tools.unique('never-there')]);
    expect((await broker.listTopics()).has(a)).toBe(false);
    await broker.createTopics([]);
    await broker.deleteTopics([]);
  });

  test('a topic that was made can be written to and read at once', async (tools) => {
    const topic = await tools.topic(4);
    expect(await tools.broker.write([tools.record(topic, 'k', 'v')])).toEqual([0]);
    expect(await tools.values(topic)).toEqual(['v']);
  });

  test('a topic that was deleted can be made anew at once, and has another id', async (tools) => {
    const { broker } = tools;
    const topic = await tools.topic();
    const id = async () => (await broker.listTopics()).get(topic)?.id;
    const first = await id();
    expect(first).toEqual(expect.any(String));
    await broker.write([tools.record(topic, 'k', 'old')]);
    await broker.deleteTopics([topic]);
    expect(await id()).toBeUndefined();
    await broker.createTopics([{ topic, partitions: 2, replicas: 1, config: {} }]);
    const second = await id();
    expect(second).toEqual(expect.any(String));
    expect(second).not.toBe(first);
    expect(await broker.bounds(topic)).toEqual([
      { partition: 0, start: 0, end: 0 },
      { partition: 1, start: 0, end: 0 },
    ]);
    expect(await broker.write([tools.record(topic, 'k', 'new', 0)])).toEqual([0]);
    expect(await tools.values(topic)).toEqual(['new']);
  });

  test('a topic that does not exist may be there later', async (tools) => {
    const { broker, cluster } = tools;
    const topic = tools.unique('never-there');
    await Promise.all([
      expect(broker.bounds(topic)).rejects.toThrow(BrokerUnavailableError),
      expect(broker.committedOffsets('nobody', [topic])).rejects.toThrow(BrokerUnavailableError),
      expect(broker.openReader([{ topic, partition: 0, offset: 0 }])).rejects.toThrow(BrokerUnavailableError),
      expect(broker.recordBytesMax(topic)).rejects.toThrow(BrokerUnavailableError),
      expect(cluster.connect().write([tools.record(topic, 'k', 'v')])).rejects.toThrow(BrokerUnavailableError),
    ]);
  });

  test('tells the first offset and that after the last committed record', async (tools) => {
    const { broker, cluster } = tools;
    const topic = await tools.topic(2);
    await broker.write([1, 2, 3, 4].map((n) => tools.record(topic, 'k', `${n}`, 0)));
    await cluster.deleteRecords(topic, 0, 3);
    expect(await broker.bounds(topic)).toEqual([
      { partition: 0, start: 3, end: 4 },
      { partition: 1, start: 0, end: 0 },
    ]);
  });

  test('sees partitions that were added, and writes to them', async (tools) => {
    const { broker, cluster } = tools;
    const topic = await tools.topic();
    await cluster.addPartitions(topic, 3);
    const bounds = await tools.eventually(
      () => broker.bounds(topic),
      ({ length }) => length === 3,
    );
    expect(bounds).toHaveLength(3);
    expect((await broker.listTopics()).get(topic)?.partitions).toBe(3);
    await cluster.connect().write([0, 1, 2].map((partition) => tools.record(topic, 'k', `${partition}`, partition)));
    expect([...(await tools.values(topic))].sort()).toEqual(['0', '1', '2']);
  });

  test('writes again after its topic was made anew by others, at the latest at the second try', async (tools) => {
    const { broker, cluster } = tools;
    const topic = await tools.topic(8);
    const records = (round: string) => [1, 2, 3, 4, 5, 6].map((n) => tools.record(topic, `key ${n}`, round));
    await broker.write(records('old'));
    const other = cluster.connect();
    await other.deleteTopics([topic]);
    await other.createTopics([{ topic, partitions: 1, replicas: 1, config: {} }]);
    await broker.write(records('first')).catch((error: unknown) => {
      expect(error).toBeInstanceOf(BrokerUnavailableError);
    });
    const end = (await broker.bounds(topic))[0]?.end ?? 0;
    expect(await broker.write(records('second'))).toEqual([0, 1, 2, 3, 4, 5].map((n) => end + n));
    expect((await tools.values(topic)).slice(end)).toEqual(Array(6).fill('second'));
  });

  test('takes records up to the size that it tells, and not much larger ones', async (tools) => {
    const { broker } = tools;
    const topic = await tools.topic(1, { 'max.message.bytes': '20000' });
    const max = await broker.recordBytesMax(topic);
    const ofBytes = (bytes: number) => {
      const headers = [{ key: 'h', value: Buffer.alloc(100) }];
      const record = { ...tools.record(topic, 'key', ''), headers };
      return { ...record, value: Buffer.alloc(bytes - recordBytes(record)) };
    };
    expect(max).toBeGreaterThan(18_000);
    expect(await broker.write([ofBytes(max)])).toEqual([0]);
    await expect(broker.write([ofBytes(max + 2_000)])).rejects.toThrow(
      `Topic ${topic} does not take a record: MESSAGE_TOO_LARGE`,
    );
  });
};
