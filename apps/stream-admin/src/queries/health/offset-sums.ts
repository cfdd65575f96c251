import type { Admin } from '@isobar/kafka';
import type { ProgressSample } from './judge-query.js';

/** A query that can be followed: its group, and the topics of what it reads. */
export interface FollowedQuery {
  readonly id: string;
  readonly groupId: string;
  readonly topics: readonly string[];
}

/** How far each query is now, by its id. @param existing the topics that there are; one that is gone counts for nothing */
export async function offsetSums(
  admin: Pick<Admin, 'fetchTopicOffsets' | 'fetchOffsets'>,
  existing: ReadonlySet<string>,
  queries: readonly FollowedQuery[],
): Promise<ReadonlyMap<string, ProgressSample>> {
  const ends = new Map<string, Promise<readonly { partition: number; high: string; low: string }[]>>();
  const endsOf = (topic: string) => {
    const known = ends.get(topic) ?? admin.fetchTopicOffsets(topic);
    ends.set(topic, known);
    return known;
  };
  const atMs = Date.now();
  const samples = queries.map(async ({ id, groupId, topics }): Promise<[string, ProgressSample]> => {
    const committed = await admin.fetchOffsets({ groupId });
    // Repartition topics of its own are among those it has committed for.
    const read = new Set([...topics, ...committed.map(({ topic }) => topic)].filter((topic) => existing.has(topic)));
    const sum = { atMs, input: 0, committed: 0, lag: 0 };
    for (const topic of read) {
      const offsets = committed.find((each) => each.topic === topic)?.partitions ?? [];
      for (const { partition, high, low } of await endsOf(topic)) {
        const held = offsets.find((each) => each.partition === partition)?.offset ?? '-1';
        // An offset beyond the end belongs to a topic of before: nothing of this one was read.
        const position = Number(held) > Number(high) ? Number(low) : Math.max(Number(held), Number(low));
        sum.input += Number(high);
        sum.committed += position;
        sum.lag += Math.max(0, Number(high) - position);
      }
    }
    return [id, sum];
  });
  return new Map(await Promise.all(samples));
}
