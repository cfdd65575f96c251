import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { startTestStack, until, type TestStack } from '@isobar/local-stack/testing';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Admin } from 'kafkajs';
import { ensureTopics } from '../admin/ensure-topics.js';
import { createKafka, type KafkaClientOptions } from '../kafka-client.js';
import { silentLog } from '../log.js';
import { parseProducerSettings } from '../producer/producer-settings.js';
import { RecordProducer } from '../producer/record-producer.js';
import { readTopic } from './read-topic.js';
import { TopicFollower } from './topic-follower.js';

describe('a follower', () => {
  let stack: TestStack;
  let kafka: KafkaClientOptions;
  let admin: Admin;
  let producer: RecordProducer;
  const followers: TopicFollower[] = [];

  beforeAll(async () => {
    stack = await startTestStack({ parts: ['kafka'] });
    kafka = { brokers: [stack.kafkaBrokers], clientId: 'follower-test', log: silentLog };
    producer = new RecordProducer(kafka, parseProducerSettings(''));
    admin = createKafka(kafka).admin();
    await admin.connect();
  }, 120_000);
  afterEach(() => Promise.all(followers.splice(0).map((follower) => follower.stop())));
  afterAll(async () => {
    await admin?.disconnect();
    await producer?.close(500);
    await stack?.stop();
  }, 60_000);

  const create = (name: string, partitions: number): Promise<unknown> =>
    ensureTopics(kafka, [{ name, partitions, config: {} }]);
  const send = (topic: string, ...values: string[]): Promise<unknown> =>
    Promise.all(values.map((value) => producer.send({ topic, key: value, value })));
  const sendTo = (topic: string, partition: number, value: string): Promise<void> =>
    producer.send({ topic, key: value, value, partition });

  function follow(topic: string) {
    const seen: string[] = [];
    let resets = 0;
    const follower = new TopicFollower({
      kafka,
      topic,
      handle: (records) => void seen.push(...records.map(({ value }) => String(value))),
      onReset: () => {
        resets += 1;
        seen.length = 0;
      },
    });
    followers.push(follower);
    follower.start();
    return { seen, follower, resets: () => resets };
  }

  it('waits for a topic that does not exist, reads what is there and what is added, and leaves no group behind', async () => {
    const { seen, follower } = follow('late');
    await until('the topic is missed', 20_000, () => follower.trouble === 'the topic late does not exist yet');
    await create('late', 2);
    await send('late', 'a', 'b');
    await until('the first records', 20_000, () => seen.length === 2);
    await until('no trouble', 10_000, () => follower.trouble === undefined);
    await send('late', 'c');
    await until('the added record', 20_000, () => seen.includes('c'));
    await follower.stop();
    expect((await admin.listGroups()).groups).toEqual([]);
  }, 90_000);

  it('is complete only when it has read all that was there before', async () => {
    await create('full', 3);
    const values = Array.from({ length: 5_000 }, (_, index) => `value-${index}`);
    await send('full', ...values);
    const { seen, follower } = follow('full');
    await until('complete', 40_000, () => follower.trouble === undefined);
    expect([...seen].sort()).toEqual([...values].sort());
  }, 90_000);

  it('reads what a transaction committed, not what it aborted, and is complete behind its markers', async () => {
    await create('transacted', 1);
    const transactional = createKafka(kafka).producer({
      transactionalId: 'follower-test',
      idempotent: true,
      maxInFlightRequests: 1,
    });
    await transactional.connect();
    for (const outcome of ['commit', 'abort', 'commit', 'abort'] as const) {
      const transaction = await transactional.transaction();
      await transaction.send({ topic: 'transacted', messages: [{ key: 'k', value: outcome }] });
      await transaction[outcome]();
    }
    await transactional.disconnect();
    const { seen, follower } = follow('transacted');
    await until('complete', 20_000, () => follower.trouble === undefined && seen.length === 2);
    expect(seen).toEqual(['commit', 'commit']);
    const read: string[] = [];
    const startedMs = performance.now();
    expect(await readTopic(kafka, 'transacted', ({ value }) => read.push(String(value)))).toBe(2);
    expect(read).toEqual(['commit', 'commit']);
    expect(performance.now() - startedMs).toBeLessThan(15_000);
  }, 90_000);

  it.each([
    ['shorter than before', ['new']],
    ['longer than before', Array.from({ length: 30 }, (_, number) => `new-${number}`)],
  ])(
    'reads a topic that was made again, %s, from its beginning',
    async (name, after) => {
      const topic = `again-${name.split(' ', 1)[0] ?? ''}`;
      await create(topic, 1);
      const own = new RecordProducer(kafka, parseProducerSettings('linger.ms=0'));
      for (let number = 0; number < 10; number += 1) await own.send({ topic, key: 'k', value: `old-${number}` });
      const { seen, follower, resets } = follow(topic);
      await until('the old records', 20_000, () => seen.length === 10);
      await admin.deleteTopics({ topics: [topic] });
      await until('it is gone', 20_000, async () => !(await admin.listTopics()).includes(topic));
      await create(topic, 1);
      const again = new RecordProducer(kafka, parseProducerSettings(''));
      await Promise.all(after.map((value) => again.send({ topic, key: 'k', value })));
      await until('the new records', 40_000, () => seen.length === after.length && resets() === 1);
      expect(seen).toEqual(after);
      await until('no trouble', 10_000, () => follower.trouble === undefined);
      await Promise.all([own.close(500), again.close(500)]);
    },
    120_000,
  );

  it('says that a topic was deleted while it is gone', async () => {
    await create('fleeting', 1);
    const { follower } = follow('fleeting');
    await until('it is read', 20_000, () => follower.trouble === undefined);
    await admin.deleteTopics({ topics: ['fleeting'] });
    await until('it is missed', 20_000, () => follower.trouble === 'the topic fleeting was deleted');
  }, 60_000);

  it('reads partitions that are added', async () => {
    await create('growing', 1);
    const { seen } = follow('growing');
    await send('growing', 'first');
    await until('the first', 20_000, () => seen.length === 1);
    await admin.createPartitions({ topicPartitions: [{ topic: 'growing', count: 3 }] });
    const wide = new RecordProducer(kafka, parseProducerSettings('linger.ms=0'));
    await until(
      'the partitions are known',
      20_000,
      async () => (await admin.fetchTopicOffsets('growing')).length === 3,
    );
    for (const partition of [1, 2])
      await wide.send({ topic: 'growing', key: 'k', value: `in ${partition}`, partition });
    await until('those of the new partitions', 30_000, () => seen.length === 3);
    expect([...seen].sort()).toEqual(['first', 'in 1', 'in 2']);
    await wide.close(500);
  }, 90_000);

  it('goes on behind records that were deleted before it read them', async () => {
    await create('cut', 1);
    const cutOff = async (offset: string): Promise<void> => {
      await admin.fetchTopicOffsets('cut'); // the client must have heard of the topic
      await admin.deleteTopicRecords({ topic: 'cut', partitions: [{ partition: 0, offset }] });
    };
    for (const value of ['a', 'b', 'c']) await sendTo('cut', 0, value);
    await cutOff('2');
    const { seen, follower, resets } = follow('cut');
    await until('the rest', 20_000, () => seen.length === 1 && follower.trouble === undefined);
    await cutOff('3');
    await sleep(3_000);
    await sendTo('cut', 0, 'd');
    await until('the next', 20_000, () => seen.length === 2);
    expect(seen).toEqual(['c', 'd']);
    expect(resets()).toBe(0);
    expect(follower.trouble).toBeUndefined();
  }, 90_000);

  it('hands each record over once, and stops at once, when the broker was killed and came back', async () => {
    await create('durable', 1);
    await send('durable', 'before');
    const { seen, follower } = follow('durable');
    await until('the first record', 20_000, () => seen.includes('before'));
    await stack.kill('kafka');
    await until('trouble', 20_000, () => follower.trouble !== undefined);
    await stack.restart('kafka');
    await send('durable', 'after');
    await until('the record after the restart', 40_000, () => seen.includes('after'));
    expect(seen).toEqual(['before', 'after']);

    await stack.kill('kafka');
    const stopStartedAt = Date.now();
    await follower.stop();
    expect(Date.now() - stopStartedAt).toBeLessThan(4_000);
    await stack.restart('kafka'); // so that what still knocks at its door can finish
  }, 120_000);

  it('reads a topic to its end although the broker is away for a moment, and says so when it stays away', async () => {
    await create('readable', 2);
    await send('readable', ...Array.from({ length: 100 }, (_, number) => `value-${number}`));
    await stack.kill('kafka');
    await expect(readTopic(kafka, 'readable', () => undefined, 1_000)).rejects.toThrow();
    const values: string[] = [];
    const reading = readTopic(kafka, 'readable', ({ value }) => values.push(String(value)), 60_000);
    await stack.restart('kafka');
    expect(await reading).toBe(100);
    expect(new Set(values).size).toBe(100);
    await expect(readTopic(kafka, 'nowhere', () => undefined)).rejects.toThrow('There is no topic nowhere');
  }, 120_000);
});
