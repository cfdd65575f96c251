import { createKafka, type KafkaClientOptions } from '@isobar/kafka';
import { Shutdown } from '@isobar/service-kit';
import { Inject, Injectable } from '@nestjs/common';
import { z } from 'zod';
import { KAFKA_OPTIONS } from '../queries/tokens.js';

export const topicSchema = z.object({
  name: z.string(),
  records: z.number().describe('last offset less first; compaction and transactions leave fewer'),
  partitions: z.array(z.object({ partition: z.number(), low: z.string(), high: z.string() })),
});
export type TopicView = z.output<typeof topicSchema>;

export const groupSchema = z.object({
  id: z.string(),
  state: z.string(),
  members: z.number(),
  lag: z.number().describe('records that were written and not yet committed, over all topics'),
  topics: z.array(z.object({ topic: z.string(), lag: z.number() })),
});
export type GroupView = z.output<typeof groupSchema>;

/** What the brokers say about topics and groups. */
@Injectable()
export class Cluster {
  private readonly admin;
  private connecting: Promise<void> | undefined;

  constructor(@Inject(KAFKA_OPTIONS) kafka: KafkaClientOptions, shutdown: Shutdown) {
    this.admin = createKafka(kafka).admin();
    shutdown.register('connections', 'cluster', () => this.admin.disconnect());
  }

  /** @param names all but internal ones when absent; those that do not exist are left out */
  async topics(names?: readonly string[]): Promise<TopicView[]> {
    const admin = await this.connected();
    const existing = await admin.listTopics();
    const wanted = existing.filter((name) => names?.includes(name) ?? !name.startsWith('__')).sort();
    return Promise.all(
      wanted.map(async (name) => {
        const partitions = (await admin.fetchTopicOffsets(name))
          .map(({ partition, low, high }) => ({ partition, low, high }))
          .sort((a, b) => a.partition - b.partition);
        const records = partitions.reduce((sum, { low, high }) => sum + Number(BigInt(high) - BigInt(low)), 0);
        return { name, records, partitions };
      }),
    );
  }

  async groups(): Promise<GroupView[]> {
    const admin = await this.connected();
    const ids = (await admin.listGroups()).groups.map(({ groupId }) => groupId).sort();
    if (ids.length === 0) return [];
    const { groups } = await admin.describeGroups(ids);
    return Promise.all(
      groups.map(async ({ groupId, state, members }) => {
        const committed = await admin.fetchOffsets({ groupId });
        const lags = await Promise.all(
          committed.map(async ({ topic, partitions }) => ({ topic, lag: await this.lagOf(topic, partitions) })),
        );
        const topics = lags.sort((a, b) => (a.topic < b.topic ? -1 : 1));
        return {
          id: groupId,
          state,
          members: members.length,
          lag: topics.reduce((sum, { lag }) => sum + lag, 0),
          topics,
        };
      }),
    );
  }

  /** A partition without a commit counts from its beginning. */
  private async lagOf(topic: string, committed: readonly { partition: number; offset: string }[]): Promise<number> {
    const ends = await this.admin.fetchTopicOffsets(topic).catch(() => []);
    return ends.reduce((sum, { partition, low, high }) => {
      const offset = committed.find((each) => each.partition === partition)?.offset ?? '-1';
      return sum + Number(BigInt(high) - BigInt(offset === '-1' ? low : offset));
    }, 0);
  }

  private async connected() {
    this.connecting ??= this.admin.connect();
    await this.connecting.catch((error: unknown) => {
      this.connecting = undefined;
      throw error;
    });
    return this.admin;
  }
}
