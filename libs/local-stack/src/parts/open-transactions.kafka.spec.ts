import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { topics } from '@isobar/contracts';
import { createKafka, ensureTopics, silentLog } from '@isobar/kafka';
import { eventually, startTestStack, until, type TestStack } from '../testing/index.js';
import { abortTransaction, openTransactions } from './open-transactions.js';

describe('open transactions', () => {
  let stack: TestStack;
  beforeAll(async () => {
    stack = await startTestStack({ parts: ['kafka'] });
  }, 120_000);
  afterAll(() => stack?.stop(), 60_000);

  it('are told with their age and their topics until they end', async () => {
    const options = { brokers: [stack.kafkaBrokers], clientId: 'spec', log: silentLog };
    const declared = [{ name: topics.iotSensors.name, partitions: 1, config: {} }];
    await ensureTopics(options, declared, { signal: AbortSignal.timeout(60_000) });
    const port = Number(stack.kafkaBrokers.split(':')[1]);
    const look = () => openTransactions('127.0.0.1', port, 300);
    expect(await look()).toEqual([]);
    const producer = createKafka(options).producer({ transactionalId: 'left-open', maxInFlightRequests: 1 });
    await producer.connect();
    const transaction = await producer.transaction();
    await transaction.send({ topic: topics.iotSensors.name, messages: [{ value: 'held back' }] });
    await eventually('the transaction to be told', 30_000, async () => {
      const [open] = await look();
      expect(open).toMatchObject({ id: 'left-open', topics: [topics.iotSensors.name] });
      expect(open?.openMs).toBeGreaterThanOrEqual(300);
    });
    await transaction.abort();
    await until('no transaction to be told', 30_000, async () => (await look()).length === 0);
    await producer.disconnect();
  }, 90_000);

  it('can be ended by somebody else, so that readers go on without what they wrote', async () => {
    const options = { brokers: [stack.kafkaBrokers], clientId: 'spec', log: silentLog };
    const topic = topics.iotSensors.name;
    const producer = createKafka(options).producer({ transactionalId: 'forgotten', maxInFlightRequests: 1 });
    await producer.connect();
    const transaction = await producer.transaction();
    await transaction.send({ topic, messages: [{ value: 'dropped' }] });
    const other = createKafka(options).producer();
    await other.connect();
    await other.send({ topic, messages: [{ value: 'behind it' }] });
    const read: string[] = [];
    const consumer = createKafka(options).consumer({ groupId: 'reader' });
    await consumer.connect();
    await consumer.subscribe({ topic, fromBeginning: true });
    await consumer.run({ eachMessage: async ({ message }) => void read.push(String(message.value)) });
    await abortTransaction(options.brokers, 'forgotten');
    await until('the reader to go on', 30_000, () => read.includes('behind it'));
    expect(read).toEqual(['behind it']);
    expect(await openTransactions('127.0.0.1', Number(stack.kafkaBrokers.split(':')[1]), 0)).toEqual([]);
    await expect(transaction.commit()).rejects.toThrow(/epoch|fenced/i);
    for (const each of [producer, other, consumer]) await each.disconnect();
  }, 120_000);
});
