import { randomUUID } from 'node:crypto';
import { createKafka, type KafkaClientOptions } from '../kafka-client.js';
import { toIncomingRecord, type IncomingRecord } from './incoming-record.js';

const endOfMarkersMs = 2_000;

/**
 * Reads a topic from its beginning to where it ends now, and hands each record over in the order of its partition. Leaves no
 * consumer group behind.
 *
 * @returns the number of records read
 * @throws when no broker answers or the topic does not exist
 */
export async function readTopic(
  options: KafkaClientOptions,
  topic: string,
  onRecord: (record: IncomingRecord) => void,
): Promise<number> {
  const kafka = createKafka(options);
  const admin = kafka.admin();
  await admin.connect();
  const groupId = `reader-${randomUUID()}`;
  let count = 0;
  try {
    const offsets = await admin.fetchTopicOffsets(topic);
    const open = new Map(
      offsets
        .filter(({ low, high }) => BigInt(low) < BigInt(high))
        .map(({ partition, high }) => [partition, BigInt(high)]),
    );
    if (open.size === 0) return 0;

    const consumer = kafka.consumer({ groupId, maxWaitTimeInMs: 100, allowAutoTopicCreation: false });
    try {
      await consumer.connect();
      await consumer.subscribe({ topics: [topic], fromBeginning: true });
      await new Promise<void>((resolve, reject) => {
        let lastProgressMs = Date.now();
        const last = new Map<number, bigint>();
        consumer.on('consumer.group_join', () => {
          lastProgressMs = Date.now();
        });
        // A coordinator that is still loading, right after the broker's start, is tried again.
        consumer.on('consumer.crash', ({ payload }) => {
          if (!payload.restart) reject(payload.error);
        });
        // The end of a partition may be a transaction's marker. In the same fetch as a record, the batch tells how far it reached;
        // by itself it is never handed over, and fetches that bring nothing for a while are the only sign of the end.
        consumer.on('consumer.fetch', () => {
          if (Date.now() - lastProgressMs > endOfMarkersMs) resolve();
        });
        const reached = (partition: number, nextOffset: bigint): void => {
          if (nextOffset >= (open.get(partition) ?? 0n)) open.delete(partition);
          if (open.size === 0) resolve();
        };
        consumer
          .run({
            autoCommit: false,
            eachBatch: async ({ batch }) => {
              const end = open.get(batch.partition);
              lastProgressMs = Date.now();
              for (const message of batch.messages) {
                if (end === undefined || BigInt(message.offset) >= end) break;
                // After a restart the partition comes from its beginning again.
                if (BigInt(message.offset) <= (last.get(batch.partition) ?? -1n)) continue;
                last.set(batch.partition, BigInt(message.offset));
                count += 1;
                onRecord(toIncomingRecord(batch, message));
              }
              reached(batch.partition, BigInt(batch.lastOffset()) + 1n);
            },
          })
          .catch(reject);
      });
    } finally {
      await consumer.disconnect();
    }
    await admin.deleteGroups([groupId]).catch(() => undefined);
    return count;
  } finally {
    await admin.disconnect();
  }
}
