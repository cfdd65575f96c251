import type { Broker, PartitionOffset } from '../ports/broker.js';
import type { FetchedRecord } from '../ports/record-columns.js';
import type { Topology } from '../topology/topology.js';

/** The compacted topic that holds the state of one store of one query. */
export const changelogTopic = (applicationId: string, storeName: string): string =>
  `${applicationId}-${storeName}-changelog`;

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

export interface RestoreOptions {
  readonly broker: Broker;
  readonly applicationId: string;
  readonly replicas: number;
  readonly committed: readonly PartitionOffset[];
}

/**
 * Rebuilds the stores of a topology: those with a changelog from it, a table source's rows from its topic up to the committed
 * offset. Changelog topics that do not exist yet are created.
 *
 * @throws StateWithoutOffsetsError
 * @returns the changelogs that must have been deleted, since the query has committed before: what they held is lost
 */
export async function restoreStores(topology: Topology, options: RestoreOptions): Promise<readonly string[]> {
  const { broker, applicationId, committed } = options;
  const changelogged = topology.stores.filter((store) => store.hasChangelog);
  const topicOf = (name: string) => changelogTopic(applicationId, name);
  const existing = await broker.listTopics();
  const missing = changelogged.map((store) => topicOf(store.name)).filter((topic) => !existing.has(topic));
  await broker.createTopics(
    missing.map((topic) => ({
      topic,
      partitions: 1,
      replicas: options.replicas,
      config: { 'cleanup.policy': 'compact', 'max.message.bytes': String(STATE_BYTES_MAX) },
    })),
  );
  for (const store of changelogged) {
    if (!existing.has(topicOf(store.name))) continue;
    await readTo(broker, topicOf(store.name), undefined, (records) => {
      for (const record of records) {
        if (!record.key) continue;
        if (committed.length === 0 && record.value !== null) throw new StateWithoutOffsetsError(topicOf(store.name));
        store.restore(store.decode(record.key, record.value));
      }
    });
  }
  for (const source of topology.sources) {
    if (!source.isTable || !source.restore) continue;
    const until = new Map(
      committed.filter((offset) => offset.topic === source.topic).map((offset) => [offset.partition, offset.offset]),
    );
    if (until.size === 0) continue;
    await readTo(broker, source.topic, until, (records) => {
      source.restore?.(records);
    });
  }
  return committed.length > 0 ? missing : [];
}

/** Reads a topic from its start to `until` (exclusive offsets per partition), or to its end. */
async function readTo(
  broker: Broker,
  topic: string,
  until: ReadonlyMap<number, number> | undefined,
  onRecords: (records: readonly FetchedRecord[]) => void,
): Promise<void> {
  const bounds = (await broker.bounds(topic)).map((bound) => ({
    ...bound,
    end: until ? Math.min(until.get(bound.partition) ?? bound.start, bound.end) : bound.end,
  }));
  const open = new Map(bounds.filter((bound) => bound.end > bound.start).map((bound) => [bound.partition, bound.end]));
  if (open.size === 0) return;
  const reader = await broker.openReader(
    bounds
      .filter((bound) => open.has(bound.partition))
      .map(({ partition, start }) => ({ topic, partition, offset: start })),
  );
  try {
    while (open.size > 0) {
      for (const part of await reader.poll(500)) {
        const end = open.get(part.partition);
        if (end === undefined) continue;
        onRecords([...part.records].filter((record) => record.offset < end));
        if (part.nextOffset >= end) open.delete(part.partition);
      }
    }
  } finally {
    await reader.close();
  }
}
