import type { BoundsByTopic } from '../../topics/cluster-bounds.js';
import type { Committed, CommittedOffsets } from './committed-offsets.js';
import type { ProgressSample } from './judge-query.js';

/** A query that can be followed: its group, and the topics of what it reads. */
export interface FollowedQuery {
  readonly id: string;
  readonly groupId: string;
  readonly topics: readonly string[];
}

/**
 * How far each query is now, by its id.
 *
 * @param seen the topics that there are, possibly seen a moment ago; one that is gone counts for nothing
 * @param lookAgain where they end now: asked when something was committed beyond the ends that were seen
 */
export async function offsetSums(
  offsets: CommittedOffsets,
  seen: BoundsByTopic,
  queries: readonly FollowedQuery[],
  lookAgain: () => Promise<BoundsByTopic>,
): Promise<ReadonlyMap<string, ProgressSample>> {
  const atMs = Date.now();
  offsets.keepOnly(new Set(queries.map(({ groupId }) => groupId)));
  const asked = await Promise.all(
    queries.map(async (query) => ({
      ...query,
      committed: await offsets.of(query.groupId, (committed) => ends(placesOf(query, committed, seen))),
    })),
  );
  const isBeyond = asked.some((query) => placesOf(query, query.committed, seen).some(({ at, high }) => at > high));
  const bounds = isBeyond ? await lookAgain() : seen;
  return new Map(
    asked.map((query) => {
      const places = placesOf(query, query.committed, bounds);
      const sum = { atMs, input: 0, committed: 0, lag: 0 };
      for (const { at, low, high } of places) {
        // An offset beyond the end belongs to a topic of before: nothing of this one was read.
        const position = at > high || at < low ? low : at;
        sum.input += Number(high);
        sum.committed += Number(position);
        sum.lag += Number(high - position);
      }
      if (sum.lag === 0) offsets.isDone(query.groupId, ends(places));
      return [query.id, sum];
    }),
  );
}

interface Place {
  readonly topic: string;
  readonly low: bigint;
  readonly high: bigint;
  /** What was committed; -1: nothing. */
  readonly at: bigint;
}

/** Each partition that a query reads. Repartition topics of its own are among those it has committed for. */
function placesOf({ topics }: FollowedQuery, committed: Committed, bounds: BoundsByTopic): Place[] {
  const read = new Set([...topics, ...committed.map(({ topic }) => topic)]);
  return [...read].flatMap((topic) => {
    const held = committed.find((each) => each.topic === topic)?.partitions ?? [];
    return [...(bounds.get(topic) ?? [])].map(([partition, { low, high }]) => {
      const at = BigInt(held.find((each) => each.partition === partition)?.offset ?? '-1');
      return { topic, low, high, at };
    });
  });
}

const ends = (places: readonly Place[]): string =>
  JSON.stringify(places.map(({ topic, high }) => [topic, String(high)]));
