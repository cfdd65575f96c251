import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type { createKafka } from '@isobar/kafka';

type Kafka = ReturnType<typeof createKafka>;

export interface WatchedRecord {
  readonly topic: string;
  readonly key: string;
  /** Empty for a tombstone. */
  readonly value: string;
}

/** Reads what comes into some topics from now on. Leaves no consumer group behind. */
export class TopicWatch {
  #listener: (record: WatchedRecord) => void = () => undefined;

  private constructor(
    private readonly kafka: Kafka,
    private readonly groupId: string,
    private readonly consumer: ReturnType<Kafka['consumer']>,
  ) {}

  /** Resolves when every record that is produced later will be seen. Waits for topics that do not exist yet. */
  static async open(kafka: Kafka, topics: readonly string[], deadline: AbortSignal): Promise<TopicWatch> {
    const groupId = `isobar-probe-${randomUUID()}`;
    const admin = kafka.admin();
    await admin.connect();
    const ends: { topic: string; partition: number; offset: string }[] = [];
    try {
      for (const topic of topics) {
        await untilExists(admin, topic, deadline);
        for (const { partition, high } of await admin.fetchTopicOffsets(topic))
          ends.push({ topic, partition, offset: high });
      }
      await untilCoordinated(admin, groupId, deadline);
    } finally {
      await admin.disconnect();
    }
    const consumer = kafka.consumer({ groupId, maxWaitTimeInMs: 100, allowAutoTopicCreation: false });
    const watch = new TopicWatch(kafka, groupId, consumer);
    await consumer.connect();
    await consumer.subscribe({ topics: [...topics] });
    await consumer.run({
      autoCommit: false,
      eachMessage: async ({ topic, message }) =>
        watch.#listener({ topic, key: message.key?.toString() ?? '', value: message.value?.toString() ?? '' }),
    });
    // A group that starts at "latest" settles on it at its first fetch, which may be after our records: say where it is.
    for (const end of ends) consumer.seek(end);
    return watch;
  }

  onRecord(listener: (record: WatchedRecord) => void): void {
    this.#listener = listener;
  }

  async close(): Promise<void> {
    await this.consumer.disconnect();
    const admin = this.kafka.admin();
    await admin.connect();
    await admin.deleteGroups([this.groupId]).catch(() => undefined);
    await admin.disconnect();
  }
}

/** kafkajs gives up on a group whose coordinator a young broker does not know yet, and takes the places that it was told with it. */
async function untilCoordinated(
  admin: ReturnType<Kafka['admin']>,
  groupId: string,
  deadline: AbortSignal,
): Promise<void> {
  for (;;) {
    const isKnown = await admin.describeGroups([groupId]).then(
      () => true,
      () => false,
    );
    if (isKnown) return;
    deadline.throwIfAborted();
    await sleep(200);
  }
}

async function untilExists(admin: ReturnType<Kafka['admin']>, topic: string, deadline: AbortSignal): Promise<void> {
  while (!(await admin.listTopics()).includes(topic)) {
    deadline.throwIfAborted();
    await sleep(200);
  }
}
