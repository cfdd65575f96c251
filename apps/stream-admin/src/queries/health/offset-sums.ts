import type { BoundsByTopic } from '../../topics/cluster-bounds.js';
import type { Committed, CommittedOffsets } from './committed-offsets.js';
import type { ProgressSample } from './judge-query.js';

/** A query that can be followed: its group, and the topics of what it reads. */
export interface FollowedQuery {
  readonly id: string;
  readonly groupId: string;
  readonly topics: readonly string[];
}

/** How far each query is now, by its id. @param bounds the topics that there are; one that is gone counts for nothing */
export async function offsetSums(
  offsets: CommittedOffsets,
  bounds: BoundsByTopic,
  queries: readonly FollowedQuery[],
): Promise<ReadonlyMap<string, ProgressSample>> {
  const atMs = Date.now();
  offsets.keepOnly(new Set(queries.map(({ groupId }) => groupId)));
  const samples = queries.map(async ({ id, groupId, topics }): Promise<[string, ProgressSample]> => {
    // Repartition topics of its own are among those it has committed for.
    const read = (committed: Committed): string[] =>
      [...new Set([...topics, ...committed.map(({ topic }) => topic)])].filter((topic) => bounds.has(topic));
    const endsNow = (committed: Committed): string =>
      JSON.stringify(
        read(committed).map((topic) => [topic, [...(bounds.get(topic) ?? [])].map(([, { high }]) => `${high}`)]),
      );
    const committed = await offsets.of(groupId, endsNow);
    const sum = { atMs, input: 0, committed: 0, lag: 0 };
    for (const topic of read(committed)) {
      const held = committed.find((each) => each.topic === topic)?.partitions ?? [];
      for (const [partition, { low, high }] of bounds.get(topic) ?? []) {
        const offset = BigInt(held.find((each) => each.partition === partition)?.offset ?? '-1');
        // An offset beyond the end belongs to a topic of before: nothing of this one was read.
        const position = offset > high || offset < low ? low : offset;
        sum.input += Number(high);
        sum.committed += Number(position);
        sum.lag += Number(high - position);
      }
    }
    if (sum.lag === 0) offsets.isDone(groupId, endsNow(committed));
    return [id, sum];
  });
  return new Map(await Promise.all(samples));
}
