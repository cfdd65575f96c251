import type { TopicDeclaration } from '@isobar/contracts';
import { parseProducerSettings, readTopic, RecordProducer, type KafkaClientOptions } from '@isobar/kafka';
import { z } from 'zod';
import { topicLossSchema, type TopicLoss } from './topic-loss.js';
import { writeEntries } from './write-entries.js';

/** What was deployed, and what was lost: key = name of the object, or that of a topic behind a prefix. */
export const journalTopic: TopicDeclaration = {
  name: 'isobar-deployments',
  partitions: 1,
  config: { 'cleanup.policy': 'compact' },
};

const keyPrefix = 'losses of ';
const lossesSchema = z.array(topicLossSchema);

/** Whether an entry of the journal tells of losses and not of a deployment. */
export const isLossKey = (key: Buffer | null): boolean => key?.toString().startsWith(keyPrefix) ?? false;

/** Remembers losses beyond the life of this process; the newest entry of a topic counts. */
export class LossJournal {
  private readonly producer: RecordProducer;

  constructor(private readonly kafka: KafkaClientOptions) {
    this.producer = new RecordProducer(kafka, parseProducerSettings(''));
  }

  /** @throws when the broker is away */
  async read(): Promise<ReadonlyMap<string, readonly TopicLoss[]>> {
    const found = new Map<string, readonly TopicLoss[]>();
    await readTopic(this.kafka, journalTopic.name, ({ key, value, partition, offset }) => {
      if (!isLossKey(key)) return;
      const topic = String(key).slice(keyPrefix.length);
      try {
        found.set(topic, value === null ? [] : lossesSchema.parse(JSON.parse(value.toString())));
      } catch (error) {
        const place = { topic: journalTopic.name, partition, offset };
        this.kafka.log.warn({ ...place, err: error }, 'a journal entry of losses cannot be read');
      }
    });
    return found;
  }

  /** @throws JournalUnwritableError */
  async write(topic: string, losses: readonly TopicLoss[]): Promise<void> {
    const value = losses.length === 0 ? null : JSON.stringify(losses);
    await writeEntries(this.producer, [{ topic: journalTopic.name, key: keyPrefix + topic, value }]);
  }

  async close(): Promise<void> {
    await this.producer.close();
  }
}
