import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { topics } from '@isobar/contracts';
import { createKafka, ensureTopics, silentLog } from '@isobar/kafka';
import { eventually, startTestStack, until, type TestStack } from '../testing/index.js';
import { openTransactions } from './open-transactions.js';

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
});
