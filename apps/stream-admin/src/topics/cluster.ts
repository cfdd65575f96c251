import { KeptAdmin, type Admin, type KafkaClientOptions } from '@isobar/kafka';
import { Shutdown } from '@isobar/service-kit';
import { Inject, Injectable } from '@nestjs/common';
import { z } from 'zod';
import { KAFKA_OPTIONS } from '../kafka-options.js';
import { DeclaredTopics } from './declared-topics.js';
import { recordsIn, toBounds } from './topic-bounds.js';
import { topicLossSchema } from './topic-loss.js';
import { TopicLosses } from './topic-losses.js';

export const topicSchema = z.object({
  name: z.string(),
  records: z.number().describe('last offset less first; compaction and transactions leave fewer'),
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
    shutdown: Shutdown,
  ) {
    this.admin = new KeptAdmin(kafka);
    shutdown.register('connections', 'cluster', () => this.admin.close());
  }

  /** @param names all but internal ones when absent; those that do not exist are left out */
  async topics(names?: readonly string[]): Promise<TopicView[]> {
    return this.twice(async (admin) => {
      const existing = await admin.listTopics();
      const wanted = existing.filter((name) => names?.includes(name) ?? !name.startsWith('__')).sort();
      return Promise.all(wanted.map((name) => this.topic(admin, name)));
    });
  }

  async groups(): Promise<GroupView[]> {
    return this.twice((admin) => this.groupsBy(admin));
  }

  private async topic(admin: Admin, name: string): Promise<TopicView> {
    const partitions = (await admin.fetchTopicOffsets(name))
      .map(({ partition, low, high }) => ({ partition, low, high }))
      .sort((a, b) => a.partition - b.partition);
    return {
      name,
      records: recordsIn(toBounds(partitions)),
      partitions,
      declared: this.declared.isDeclared(name),
      drift: [...this.declared.drift(name)],
      losses: [...this.losses.of(name)],
    };
  }

  private async groupsBy(admin: Admin): Promise<GroupView[]> {
    const ids = (await admin.listGroups()).groups.map(({ groupId }) => groupId).sort();
    if (ids.length === 0) return [];
    const { groups } = await admin.describeGroups(ids);
    return Promise.all(
      groups.map(async ({ groupId, state, members }) => {
        const committed = await admin.fetchOffsets({ groupId });
        const lags = await Promise.all(
          committed.map(async ({ topic, partitions }) => ({ topic, lag: await lagOf(admin, topic, partitions) })),
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

  /** A topic that goes while it is looked at fails the look; the next one starts without it. */
  private twice<Result>(work: (admin: Admin) => Promise<Result>): Promise<Result> {
    return this.admin.use(work).catch(() => this.admin.use(work));
  }
}

/** A partition without a commit counts from its beginning. */
async function lagOf(
  admin: Admin,
  topic: string,
  committed: readonly { partition: number; offset: string }[],
): Promise<number> {
  const ends = await admin.fetchTopicOffsets(topic).catch(() => []);
  return ends.reduce((sum, { partition, low, high }) => {
    const offset = committed.find((each) => each.partition === partition)?.offset ?? '-1';
    return sum + Number(BigInt(high) - BigInt(offset === '-1' ? low : offset));
  }, 0);
}
