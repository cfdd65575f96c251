import { BrokerUnavailableError, type TopicDescription } from '../ports/broker.js';

/** State that several tasks hold does not move with the keys that go to other partitions from now on. */
export class PartitionsChangedError extends Error {
  override readonly name = 'PartitionsChangedError';
  constructor(now: readonly string[], tasks: number) {
    super(
      `the state of the query belongs to ${tasks} partitions of each source, and there are now ${now.join(', ')}: keys have moved, ` +
        'their state has not; terminate the query and create it again, so that its result is computed anew',
    );
  }
}

export interface TaskCount {
  readonly tasks: number;
  /** An earlier start chose one task, where one for each of several partitions would be chosen now. */
  readonly isFromBefore: boolean;
}

/**
 * How many tasks a query has: one for each partition where it keeps nothing that belongs to several, and else as many as its changelogs have
 * partitions, once they are there. A query that begins has one for each
 * partition when its state falls apart by them and all its sources have equally many, else one for all.
 *
 * @param changelogs the topics of the query's state, there or not
 * @param isStateless it keeps nothing at all, so that partitions may come at any time
 * @throws PartitionsChangedError when several tasks hold state and the sources do not have as many partitions
 * @throws BrokerUnavailableError when a source is not among the topics: what is chosen without it would stay so for ever
 */
export function countTasks(
  changelogs: readonly string[],
  splitsByPartition: boolean,
  sources: readonly string[],
  topics: ReadonlyMap<string, Pick<TopicDescription, 'partitions'>>,
  isStateless = false,
): TaskCount {
  if (changelogs.length === 0 && !isStateless) return { tasks: 1, isFromBefore: false };
  const counts = sources.map((topic) => {
    const partitions = topics.get(topic)?.partitions;
    if (partitions === undefined) throw new BrokerUnavailableError(`source topic ${topic} is not there`);
    return partitions;
  });
  const [first = 1, ...others] = counts;
  const wanted = splitsByPartition && others.every((count) => count === first) ? first : 1;
  const written = changelogs.map((topic) => topics.get(topic)?.partitions).filter((count) => count !== undefined);
  const kept = Math.max(0, ...written);
  if (written.length === 0) return { tasks: wanted, isFromBefore: false };
  if (kept === 1) return { tasks: 1, isFromBefore: wanted > 1 };
  if (kept === wanted && written.every((count) => count === kept)) return { tasks: kept, isFromBefore: false };
  throw new PartitionsChangedError(
    sources.map((topic, source) => `${counts[source]} of ${topic}`),
    kept,
  );
}
