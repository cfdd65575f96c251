import type { TopicDeclaration } from '@isobar/contracts';
import type { Admin } from 'kafkajs';
import { setTimeout as sleep } from 'node:timers/promises';
import type { KafkaClientOptions } from '../kafka-client.js';
import { withAdmin } from './with-admin.js';

/**
 * Creates the topics that are missing and leaves the others as they are. Tries until a broker answers or `signal` says to stop.
 *
 * @returns the names of the topics it created
 */
export async function ensureTopics(
  options: KafkaClientOptions,
  declarations: readonly TopicDeclaration[],
  { signal, replicationFactor = -1 }: { signal?: AbortSignal; replicationFactor?: number } = {},
): Promise<readonly string[]> {
  return withAdmin(options, (admin) => createMissingTopics(admin, declarations, replicationFactor), signal);
}

/** @returns the names of the topics it created, each of which has a leader */
export async function createMissingTopics(
  admin: Admin,
  declarations: readonly TopicDeclaration[],
  replicationFactor = -1,
): Promise<readonly string[]> {
  const existing = new Set(await admin.listTopics());
  const missing = declarations.filter(({ name }) => !existing.has(name));
  if (missing.length === 0) return [];
  const created: string[] = [];
  for (const { name, partitions, config } of missing) {
    // Each by itself: another service may create the same topic at this moment, which is no error.
    const isNew = await admin.createTopics({
      waitForLeaders: false,
      topics: [
        {
          topic: name,
          numPartitions: partitions,
          replicationFactor,
          configEntries: Object.entries(config).map(([key, value]) => ({ name: key, value })),
        },
      ],
    });
    if (isNew) created.push(name);
  }
  await waitForLeaders(
    admin,
    missing.map(({ name }) => name),
  );
  return created;
}

async function waitForLeaders(admin: Admin, topics: readonly string[]): Promise<void> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      const { topics: metadata } = await admin.fetchTopicMetadata({ topics: [...topics] });
      if (metadata.every(({ partitions }) => partitions.every(({ leader }) => leader >= 0))) return;
    } catch (error) {
      if (attempt > 50) throw error;
    }
    if (attempt > 50) throw new Error(`No leader for ${topics.join(', ')} yet`);
    await sleep(50);
  }
}
