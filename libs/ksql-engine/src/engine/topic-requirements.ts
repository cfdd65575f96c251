import { TopicError } from '../errors/user-errors.js';
import type { EngineContext } from './engine-context.js';
import type { TopicToCreate } from './planned-statement.js';

/** Seven days, whatever the broker's own default is. */
const USUAL_RETENTION_MS = 604_800_000;

export interface WantedTopic {
  readonly topic: string;
  readonly partitions: number | undefined;
  readonly replicas: number | undefined;
  readonly retentionMs: number | undefined;
  readonly cleanupPolicy: 'delete' | 'compact' | 'compact,delete';
}

/**
 * What must be created for a statement. A topic that exists must be as the statement says; one that does not needs a partition
 * count, otherwise `missing` makes the error.
 */
export function topicsToCreate(
  context: EngineContext,
  wanted: WantedTopic,
  missing: () => Error,
): readonly TopicToCreate[] {
  if (context.assumesTopics === true)
    return wanted.partitions === undefined ? [] : [creation(wanted, wanted.partitions)];
  const present = context.topics.describe(wanted.topic);
  if (present !== undefined) {
    const { partitions = present.partitions, replicas = present.replicas, retentionMs } = wanted;
    if (partitions !== present.partitions || replicas !== present.replicas) {
      const retention = retentionMs ?? present.retentionMs ?? -1;
      throw new TopicError(
        `A Kafka topic with the name '${wanted.topic}' already exists, with different partition/replica/retention configuration than required. KSQL expects ${partitions} partitions (topic has ${present.partitions}), ${replicas} replication factor (topic has ${present.replicas}), and ${retention} retention (topic has ${present.retentionMs ?? -1}).`,
      );
    }
    return [];
  }
  if (wanted.partitions === undefined) throw missing();
  if (wanted.partitions < 1) {
    throw new TopicError(
      `Failed to guarantee existence of topic ${wanted.topic}\nCaused by: Number of partitions was set to an invalid non-positive value.`,
    );
  }
  return [creation(wanted, wanted.partitions)];
}

const creation = (wanted: WantedTopic, partitions: number): TopicToCreate => ({
  topic: wanted.topic,
  partitions,
  replicas: wanted.replicas ?? 1,
  config: {
    'cleanup.policy': wanted.cleanupPolicy,
    ...retention(wanted),
  },
});

/** A table's topic keeps its rows whatever the statement's text says. */
function retention({ cleanupPolicy, retentionMs }: WantedTopic): Readonly<Record<string, string>> {
  if (cleanupPolicy === 'compact') return { 'retention.ms': '-1' };
  return { 'retention.ms': String(retentionMs ?? USUAL_RETENTION_MS) };
}
