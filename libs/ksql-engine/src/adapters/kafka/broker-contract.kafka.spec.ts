import { createPartitionsV3, deleteRecordsV2 } from '@platformatic/kafka';
import { open } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { startTestStack } from '@isobar/local-stack/testing';
import { brokerContract } from '../../testing/broker-contract.js';
import { RETENTION_MS } from '../../testing/broker-contract/time.js';
import { Cluster } from './cluster.js';
import { KafkaBroker } from './kafka-broker.js';

const TIMEOUT_MS = 10_000;
/** Looks once a second what is too old. */
const SETTINGS = {
  'offsets.retention.minutes': String(RETENTION_MS / 60_000),
  'offsets.retention.check.interval.ms': '1000',
  'log.retention.check.interval.ms': '1000',
  'log.initial.task.delay.ms': '1000',
  'transaction.abort.timed.out.transaction.cleanup.interval.ms': '1000',
};

/** Changes the last byte of a batch of a segment: brokers give out what is there, without a look. */
async function corruptBatch(segment: string, offset: number): Promise<void> {
  const file = await open(segment, 'r+');
  const bytes = await file.readFile();
  let at = 0;
  while (offset > Number(bytes.readBigInt64BE(at)) + bytes.readInt32BE(at + 23)) at += 12 + bytes.readInt32BE(at + 8);
  const last = at + 11 + bytes.readInt32BE(at + 8);
  await file.write(Buffer.from([~(bytes[last] ?? 0) & 0xff]), 0, 1, last);
  await file.close();
}

brokerContract('kafka', async () => {
  const stack = await startTestStack({ parts: ['kafka'], kafkaProperties: SETTINGS });
  const options = { bootstrap: [stack.kafkaBrokers ?? ''], clientId: 'contract' };
  const admin = new Cluster(options);
  const brokers: KafkaBroker[] = [];
  return {
    connect: () => {
      const broker = new KafkaBroker(options);
      brokers.push(broker);
      return broker;
    },
    nowMs: () => Date.now(),
    wait: (ms) => delay(ms),
    addPartitions: async (name, count) => {
      const topics = [{ name, count, assignments: null }];
      await createPartitionsV3.api.async(await admin.any(), topics, TIMEOUT_MS, false);
    },
    deleteRecords: async (name, partitionIndex, before) => {
      const topics = [{ name, partitions: [{ partitionIndex, offset: BigInt(before) }] }];
      await deleteRecordsV2.api.async(await admin.any(), topics, TIMEOUT_MS);
    },
    corruptBatch: (topic, partition, offset) =>
      corruptBatch(join(stack.folder, 'data', 'kafka', `${topic}-${partition}`, `${'0'.repeat(20)}.log`), offset),
    run: (work) => work(),
    stop: async () => {
      await Promise.all([admin, ...brokers].map((each) => each.close()));
      await stack.stop();
    },
  };
});
