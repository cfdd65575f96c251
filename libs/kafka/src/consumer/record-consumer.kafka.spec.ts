import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { processesOf, startTestStack, until, type TestStack } from '@isobar/local-stack/testing';
import { setTimeout as sleep } from 'node:timers/promises';
import { ensureTopics } from '../admin/ensure-topics.js';
import { createKafka, type KafkaClientOptions } from '../kafka-client.js';
import { silentLog } from '../log.js';
import { parseProducerSettings } from '../producer/producer-settings.js';
import { RecordProducer } from '../producer/record-producer.js';
import { RecordConsumer, type RecordConsumerOptions } from './record-consumer.js';
import { TopicFollower } from './topic-follower.js';

/** The whole two minutes: `AWAY_MS=120000 node tools/jest.mjs --selectProjects integration --testPathPatterns record-consumer`. */
const awayMs = Number(process.env['AWAY_MS'] ?? 20_000);
const limitMs = awayMs * 3 + 120_000;

describe('a consumer', () => {
  let stack: TestStack;
  let options: KafkaClientOptions;
  let producer: RecordProducer;
  const consumers: { stop(): Promise<void> }[] = [];

  beforeAll(async () => {
    // There can be no coordinator: nobody can create the topic of the offsets with three replicas on one broker.
    stack = await startTestStack({ parts: ['kafka'], kafkaProperties: { 'offsets.topic.replication.factor': '3' } });
    options = { brokers: [stack.kafkaBrokers], clientId: 'test', log: silentLog };
    producer = new RecordProducer(options, parseProducerSettings('linger.ms=0'));
  }, 120_000);
  afterEach(async () => {
    await Promise.all(consumers.splice(0).map((consumer) => consumer.stop()));
  }, 30_000);
  afterAll(async () => {
    await producer?.close(500);
    await stack?.stop();
  }, 60_000);

  const send = (topic: string, value: string): Promise<void> => producer.send({ topic, key: value, value });
  const brokerPids = (): number[] =>
    processesOf(stack.folder)
      .filter((found) => found.includes('java'))
      .map((found) => Number.parseInt(found, 10));
  const silence = async (forMs: number): Promise<void> => {
    const pids = brokerPids();
    expect(pids.length).toBeGreaterThan(0);
    for (const pid of pids) process.kill(pid, 'SIGSTOP');
    try {
      await sleep(forMs);
    } finally {
      for (const pid of pids) process.kill(pid, 'SIGCONT');
    }
  };
  const consume = (topic: string, seen: string[], more: Partial<RecordConsumerOptions> = {}): RecordConsumer => {
    const consumer = new RecordConsumer({
      ...options,
      groupId: `${topic}-group`,
      topics: [topic],
      fromBeginning: true,
      sessionTimeoutMs: 6_000,
      handle: async (records) => {
        seen.push(...records.map(({ value }) => String(value)));
      },
      onBadRecord: async () => undefined,
      ...more,
    });
    consumers.push(consumer);
    return consumer;
  };

  it(
    'joins although there was no coordinator for long; a follower needs none',
    async () => {
      await ensureTopics(options, [{ name: 'patient', partitions: 2, config: {} }]);
      await send('patient', 'a');
      const seen: string[] = [];
      const consumer = consume('patient', seen);
      void consumer.start();
      const followed: string[] = [];
      const follower = new TopicFollower({
        kafka: options,
        topic: 'patient',
        handle: (records) => void followed.push(...records.map(({ value }) => String(value))),
      });
      consumers.push(follower);
      follower.start();
      await until('the follower is complete', 20_000, () => follower.trouble === undefined && followed.length === 1);
      await sleep(awayMs);
      expect(consumer.trouble).toBeInstanceOf(Error);
      expect(seen).toEqual([]);

      const admin = createKafka(options).admin();
      await admin.connect();
      await admin.createTopics({
        topics: [
          {
            topic: '__consumer_offsets',
            numPartitions: 4,
            replicationFactor: 1,
            configEntries: [{ name: 'cleanup.policy', value: 'compact' }],
          },
        ],
      });
      await admin.disconnect();
      await until('the record', 60_000, () => seen.length === 1);
      await until('no trouble', 10_000, () => consumer.trouble === undefined);
    },
    limitMs,
  );

  it(
    'says within seconds that the broker is silent, and goes on when it answers again',
    async () => {
      await ensureTopics(options, [{ name: 'steady', partitions: 2, config: {} }]);
      const [seen, followed]: [string[], string[]] = [[], []];
      const consumer = consume('steady', seen);
      await consumer.start();
      const follower = new TopicFollower({
        kafka: options,
        topic: 'steady',
        handle: (records) => void followed.push(...records.map(({ value }) => String(value))),
      });
      consumers.push(follower);
      follower.start();
      await send('steady', 'before');
      await until('the first record', 20_000, () => seen.length === 1 && followed.length === 1);
      const silent = silence(awayMs);
      await until('trouble', 15_000, () => consumer.trouble !== undefined && follower.trouble !== undefined);
      expect(String(consumer.trouble)).toMatch(/Kafka has not answered|not joined|timed out/);
      await silent;
      await send('steady', 'after');
      await until('the record after the silence', 90_000, () => seen.includes('after') && followed.includes('after'));
      await until('no trouble', 20_000, () => consumer.trouble === undefined && follower.trouble === undefined);
      expect(followed).toEqual(['before', 'after']);
    },
    limitMs,
  );

  it(
    'comes back each time the broker was killed',
    async () => {
      await ensureTopics(options, [{ name: 'tough', partitions: 2, config: {} }]);
      const [seen, followed]: [string[], string[]] = [[], []];
      const consumer = consume('tough', seen);
      const follower = new TopicFollower({
        kafka: options,
        topic: 'tough',
        handle: (records) => void followed.push(...records.map(({ value }) => String(value))),
      });
      consumers.push(follower);
      void consumer.start();
      follower.start();
      for (let round = 0; round < 2; round += 1) {
        await send('tough', `round ${round}`);
        await until('the record', 60_000, () => seen.includes(`round ${round}`) && followed.includes(`round ${round}`));
        await stack.kill('kafka');
        await until('trouble', 20_000, () => consumer.trouble !== undefined && follower.trouble !== undefined);
        await sleep(awayMs / 2);
        await stack.restart('kafka');
      }
      await send('tough', 'last');
      await until('the last record', 60_000, () => seen.includes('last') && followed.includes('last'));
      expect(followed).toEqual(['round 0', 'round 1', 'last']);
    },
    limitMs,
  );

  it('finishes and commits the batch under way when it stops, so that the next member goes on behind it', async () => {
    await ensureTopics(options, [{ name: 'orderly', partitions: 1, config: {} }]);
    await send('orderly', 'slow');
    const seen: string[] = [];
    const first = consume('orderly', seen, {
      handle: async (records) => {
        seen.push(...records.map(({ value }) => `${value} begins`));
        await sleep(1_000);
        seen.push(...records.map(({ value }) => `${value} ends`));
      },
    });
    await first.start();
    await until('it is under way', 20_000, () => seen.length === 1);
    await first.stop();
    expect(seen).toEqual(['slow begins', 'slow ends']);
    const after: string[] = [];
    const second = consume('orderly', after);
    await second.start();
    await send('orderly', 'next');
    await until('the next', 20_000, () => after.length > 0);
    expect(after).toEqual(['next']);
  }, 90_000);
});
