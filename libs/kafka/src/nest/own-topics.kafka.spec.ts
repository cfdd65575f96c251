import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { eventually, startTestStack, type TestStack } from '@isobar/local-stack/testing';
import { KeptAdmin } from '../admin/kept-admin.js';
import type { KafkaClientOptions } from '../kafka-client.js';
import { silentLog } from '../log.js';
import { parseProducerSettings } from '../producer/producer-settings.js';
import { RecordProducer } from '../producer/record-producer.js';
import { OwnTopics } from './own-topics.js';

const declaration = { name: 'parcels', partitions: 3, config: { 'retention.ms': '3600000' } };

describe('the topics a service writes to', () => {
  let stack: TestStack;
  let options: KafkaClientOptions;
  let admin: KeptAdmin;
  let topics: OwnTopics;

  beforeAll(async () => {
    stack = await startTestStack({ parts: ['kafka'] });
    options = { brokers: [stack.kafkaBrokers], clientId: 'test', log: silentLog };
    admin = new KeptAdmin(options);
    topics = new OwnTopics(options, [declaration]);
    void topics.start();
  }, 120_000);
  afterAll(async () => {
    await topics?.stop();
    await admin?.close();
    await stack?.stop();
  }, 30_000);

  it('are made, and the service is told of the cluster once', async () => {
    const told: string[] = [];
    topics.whenThere((clusterId) => told.push(clusterId));
    await eventually('the topics', 30_000, () => topics.check());
    topics.whenThere((clusterId) => told.push(clusterId));
    expect(told).toHaveLength(2);
    expect(told[0]).toBe(told[1]);
  }, 60_000);

  it('are made again as declared when somebody deletes them, and the producer goes on', async () => {
    const producer = new RecordProducer(options, parseProducerSettings('acks=all'));
    const send = () => producer.send({ topic: declaration.name, key: 'a', value: 'b' });
    await send();
    await admin.use((client) => client.deleteTopics({ topics: [declaration.name] }));
    await Promise.all([send(), send(), send()]);
    await producer.close();
    await admin.use(async (client) => {
      const { topics: found } = await client.fetchTopicMetadata({ topics: [declaration.name] });
      expect(found[0]?.partitions).toHaveLength(3);
      const { resources } = await client.describeConfigs({
        includeSynonyms: false,
        resources: [{ type: 2, name: declaration.name, configNames: ['retention.ms'] }],
      });
      expect(resources[0]?.configEntries[0]?.configValue).toBe('3600000');
      const records = (await client.fetchTopicOffsets(declaration.name)).map(({ high }) => Number(high));
      expect(records.reduce((sum, high) => sum + high, 0)).toBe(3);
    });
    await eventually('they are there', 30_000, () => topics.check());
  }, 90_000);

  it('are not vouched for while no broker tells of them', async () => {
    await stack.kill('kafka');
    await eventually('doubt', 60_000, () => {
      expect(() => topics.check()).toThrow(/no broker has told of the topics for \d+ s/);
    });
  }, 90_000);
});
