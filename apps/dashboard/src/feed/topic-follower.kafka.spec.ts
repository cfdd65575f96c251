import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import {
  createKafka,
  ensureTopics,
  parseProducerSettings,
  RecordProducer,
  type KafkaClientOptions,
} from '@isobar/kafka';
import { startTestStack, type TestStack } from '@isobar/local-stack/testing';
import { setTimeout as delay } from 'node:timers/promises';
import { TopicFollower } from './topic-follower.js';

const silent = { debug: () => undefined, info: () => undefined, warn: () => undefined, error: () => undefined };

async function until(what: string, condition: () => boolean): Promise<void> {
  for (const deadline = Date.now() + 40_000; !condition(); await delay(50)) {
    if (Date.now() > deadline) throw new Error(`not in time: ${what}`);
  }
}

describe('TopicFollower', () => {
  let stack: TestStack;
  let kafka: KafkaClientOptions;
  let producer: RecordProducer;

  beforeAll(async () => {
    stack = await startTestStack({ parts: ['kafka'] });
    kafka = { brokers: [stack.kafkaBrokers], clientId: 'follower-test', log: silent };
    producer = new RecordProducer(kafka, parseProducerSettings(''));
  }, 120_000);

  afterAll(async () => {
    await producer?.close(500);
    await stack?.stop();
  }, 60_000);

  const send = (topic: string, ...values: string[]): Promise<unknown> =>
    Promise.all(values.map((value) => producer.send({ topic, key: value, value })));

  function follow(topic: string) {
    const seen: string[] = [];
    const follower = new TopicFollower({ kafka, topic, onRecord: ({ value }) => seen.push(String(value)) });
    follower.start();
    return { seen, follower };
  }

  it('waits for a topic that does not exist, reads what is there and what is added, and leaves no group behind', async () => {
    const { seen, follower } = follow('late');
    await until('the topic is missed', () => follower.trouble === 'the topic late does not exist yet');
    await ensureTopics(kafka, [{ name: 'late', partitions: 2, config: {} }]);
    await send('late', 'a', 'b');
    await until('the first records', () => seen.length === 2);
    expect(follower.trouble).toBeUndefined();
    await send('late', 'c');
    await until('the added record', () => seen.includes('c'));
    await follower.stop();

    const admin = createKafka(kafka).admin();
    await admin.connect();
    const { groups } = await admin.listGroups();
    await admin.disconnect();
    expect(groups.filter(({ groupId }) => groupId.startsWith('follower-test'))).toEqual([]);
  }, 60_000);

  it('is complete only when it has read all that was there before', async () => {
    await ensureTopics(kafka, [{ name: 'full', partitions: 3, config: {} }]);
    const values = Array.from({ length: 5_000 }, (_, index) => `value-${index}`);
    await send('full', ...values);
    const { seen, follower } = follow('full');
    await until('complete', () => follower.trouble === undefined);
    expect(seen).toHaveLength(values.length);
    await follower.stop();
  }, 60_000);

  it('goes on after the broker was killed and came back', async () => {
    await ensureTopics(kafka, [{ name: 'durable', partitions: 1, config: {} }]);
    await send('durable', 'before');
    const { seen, follower } = follow('durable');
    await until('the first record', () => seen.includes('before'));
    await stack.kill('kafka');
    await stack.restart('kafka');
    await send('durable', 'after');
    await until('the record after the restart', () => seen.includes('after'));

    await stack.kill('kafka');
    const stopStartedAt = Date.now();
    await follower.stop();
    expect(Date.now() - stopStartedAt).toBeLessThan(4_000);
    await stack.restart('kafka'); // so that what still knocks at its door can finish
  }, 90_000);
});
