import type { Broker, PartitionOffset, TopicDescription } from '../ports/broker.js';
import type { FetchedRecord } from '../ports/record-columns.js';
import type { Topology, TopologyStore } from '../topology/topology.js';

/** The compacted topic that holds the state of one store of one query, that of task p in partition p. */
export const changelogTopic = (applicationId: string, storeName: string): string =>
  `${applicationId}-${storeName}-changelog`;

/** The changelogs of a query, which has these stores. */
export const changelogsOf = (applicationId: string, stores: readonly TopologyStore[]): readonly string[] =>
  stores.filter((store) => store.hasChangelog).map((store) => changelogTopic(applicationId, store.name));

/** The state of one key, such as a list that it collects, may be larger than one record of most topics. */
const STATE_BYTES_MAX = 16 * 1024 * 1024;

/** The sources read again from anywhere would be counted twice, or left out: no query goes on from that. */
export class StateWithoutOffsetsError extends Error {
  override readonly name = 'StateWithoutOffsetsError';
  constructor(topic: string) {
    super(
      `${topic} holds state, but the offsets that belong to it are gone (there is no checkpoint, and the consumer group has expired); ` +
        'terminate the query and create it again, so that its result is computed anew',
    );
  }
}

/** The state under its id is not the query's: going on with it would be as wrong as beginning beside it. */
export class ForeignStateError extends Error {
  override readonly name = 'ForeignStateError';
  constructor(applicationId: string) {
    super(
      `the state under ${applicationId} is that of an earlier query of this id, which was ended and could not be cleared away; ` +
        'terminate the query and create it again',
    );
  }
}

export interface RestoreOptions {
  readonly broker: Broker;
  readonly applicationId: string;
  readonly replicas: number;
  readonly committed: readonly PartitionOffset[];
  /** What topics there are. */
  readonly topics: ReadonlyMap<string, TopicDescription>;
}

/**
 * Rebuilds the stores of a query's tasks from their changelogs: of several tasks each from its own partition, a single one from all that
 * there are. Changelog topics that do not exist yet are created.
 *
 * @throws StateWithoutOffsetsError
 * @returns the changelogs that must have been deleted, since the query has committed before: what they held is lost
 */
export async function restoreStores(
  tasks: readonly Topology[],
  { broker, applicationId, replicas, committed, topics }: RestoreOptions,
): Promise<readonly string[]> {
  const all = changelogsOf(applicationId, tasks[0]?.stores ?? []);
  const missing = all.filter((topic) => !topics.has(topic));
  await broker.createTopics(
    missing.map((topic) => ({
      topic,
      partitions: tasks.length,
      replicas,
      config: { 'cleanup.policy': 'compact', 'max.message.bytes': String(STATE_BYTES_MAX) },
    })),
  );
  for (const topic of all) {
    if (missing.includes(topic)) continue;
    const stores = tasks.map((task) => task.stores.find(({ name }) => changelogTopic(applicationId, name) === topic));
    await readToEnd(broker, topic, (record) => {
      const store = stores[tasks.length === 1 ? 0 : record.partition];
      if (record.key === null || store === undefined) return;
      if (committed.length === 0 && record.value !== null) throw new StateWithoutOffsetsError(topic);
      store.restore(store.decode(record.key, record.value));
    });
  }
  return committed.length > 0 ? missing : [];
}

/** Reads a topic from its start to the end that it has now. */
async function readToEnd(broker: Broker, topic: string, onRecord: (record: FetchedRecord) => void): Promise<void> {
  const bounds = (await broker.bounds(topic)).filter((bound) => bound.end > bound.start);
  const open = new Map(bounds.map((bound) => [bound.partition, bound.end]));
  if (open.size === 0) return;
  const reader = await broker.openReader(bounds.map(({ partition, start }) => ({ topic, partition, offset: start })));
  try {
    while (open.size > 0) {
      for (const part of await reader.poll(500)) {
        const end = open.get(part.partition);
        if (end === undefined) continue;
        for (const record of part.records) if (record.offset < end) onRecord(record);
        if (part.nextOffset >= end) open.delete(part.partition);
      }
    }
  } finally {
    await reader.close();
  }
}
