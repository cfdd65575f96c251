import { KeptAdmin, type Admin, type KafkaClientOptions } from '@isobar/kafka';
import { Shutdown } from '@isobar/service-kit';
import { Inject, Injectable } from '@nestjs/common';
import { z } from 'zod';
import { KAFKA_OPTIONS } from '../kafka-options.js';
import { ClusterBounds, type BoundsByTopic } from './cluster-bounds.js';
import { DeclaredTopics } from './declared-topics.js';
import { recordsIn, type TopicBounds } from './topic-bounds.js';
import { topicLossSchema } from './topic-loss.js';
import { TopicLosses } from './topic-losses.js';

export const topicSchema = z.object({
  name: z.string(),
  offsets: z
    .number()
    .describe(
      'last offset less first: at most so many records; markers of transactions and what compaction removed have offsets too',
    ),
  partitions: z.array(z.object({ partition: z.number(), low: z.string(), high: z.string() })),
  declared: z.boolean().describe('whether the pipeline declares it, so that it is made again when it is missing'),
  drift: z.array(z.string()).describe('settings that differ from the declaration'),
  losses: z.array(topicLossSchema).describe('of the last seven days, oldest first'),
});
export type TopicView = z.output<typeof topicSchema>;

export const groupSchema = z.object({
  id: z.string(),
  state: z
    .string()
    .describe(
      'as the broker says it; a query of the embedded ksql-server takes its partitions itself, so its group is Empty while it runs',
    ),
  members: z.number(),
  lag: z.number().describe('records that were written and not yet committed, over all topics'),
  topics: z.array(z.object({ topic: z.string(), lag: z.number() })),
});
export type GroupView = z.output<typeof groupSchema>;

/** What the brokers say about topics and groups. */
@Injectable()
export class Cluster {
  private readonly admin: KeptAdmin;

  constructor(
    @Inject(KAFKA_OPTIONS) kafka: KafkaClientOptions,
    private readonly declared: DeclaredTopics,
    private readonly losses: TopicLosses,
    private readonly bounds: ClusterBounds,
    shutdown: Shutdown,
  ) {
    this.admin = new KeptAdmin(kafka);
    shutdown.register('connections', 'cluster', () => this.admin.close());
  }

  /** @param names all but internal ones when absent; those that do not exist are left out */
  async topics(names?: readonly string[]): Promise<TopicView[]> {
    const existing = [...(await this.twice(() => this.bounds.latest()))];
    return existing
      .filter(([name]) => names?.includes(name) ?? true)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([name, bounds]) => this.topic(name, bounds));
  }

  async groups(): Promise<GroupView[]> {
    return this.twice(async () => {
      const bounds = await this.bounds.latest();
      return this.admin.use((admin) => groupsBy(admin, bounds));
    });
  }

  private topic(name: string, bounds: TopicBounds): TopicView {
    return {
      name,
      offsets: recordsIn(bounds),
      partitions: [...bounds]
        .map(([partition, { low, high }]) => ({ partition, low: String(low), high: String(high) }))
        .sort((a, b) => a.partition - b.partition),
      declared: this.declared.isDeclared(name),
      drift: [...this.declared.drift(name)],
      losses: [...this.losses.of(name)],
    };
  }

  /** A topic that goes while it is looked at fails the look; the next one starts without it. */
  private twice<Result>(work: () => Promise<Result>): Promise<Result> {
    return work().catch(work);
  }
}

async function groupsBy(admin: Admin, bounds: BoundsByTopic): Promise<GroupView[]> {
  const ids = (await admin.listGroups()).groups.map(({ groupId }) => groupId).sort();
  if (ids.length === 0) return [];
  const { groups } = await admin.describeGroups(ids);
  return Promise.all(
    groups.map(async ({ groupId, state, members }) => {
      const committed = await admin.fetchOffsets({ groupId });
      const topics = committed
        .map(({ topic, partitions }) => ({ topic, lag: lagOf(bounds.get(topic), partitions) }))
        .sort((a, b) => (a.topic < b.topic ? -1 : 1));
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

/** A partition without a commit counts from its beginning; a topic that is gone has nothing left to read. */
function lagOf(
  bounds: TopicBounds | undefined,
  committed: readonly { readonly partition: number; readonly offset: string }[],
): number {
  return [...(bounds ?? [])].reduce((sum, [partition, { low, high }]) => {
    const offset = committed.find((each) => each.partition === partition)?.offset ?? '-1';
    return sum + Number(high - (offset === '-1' ? low : BigInt(offset)));
  }, 0);
}
