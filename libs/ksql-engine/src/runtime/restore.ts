import type { Broker, BrokerReader, PartitionOffset, TopicDescription } from '../ports/broker.js';
import type { FetchedRecord } from '../ports/record-columns.js';
import type { ChangelogPlace } from '../state/cached/task-state.js';
import type { Topology, TopologyStore } from '../topology/topology.js';
import { changelogTopic } from './changelogs.js';
import type { TaskStates } from './task-states.js';
import { Turn } from './turns.js';

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

/** The query was stopped before its state was there. */
export class RestoreStoppedError extends Error {
  override readonly name = 'RestoreStoppedError';
}

/** How much of its changelogs a task has read, in offsets: a few of them are marks of transactions and no records. */
export interface TaskRestore {
  done: number;
  total: number;
}

/** How a restore is watched, and ended. */
export interface RestoreWatch {
  readonly isStopped: boolean;
  /** By the number of the task; called when something changed, often. */
  onProgress(tasks: readonly Readonly<TaskRestore>[]): void;
  /** What is waited for, to be interrupted when the restore is to end; undefined when it is closed. */
  onReader(reader: BrokerReader | undefined): void;
}

/** Creates the changelogs that are not there. @returns those */
export async function createChangelogs(
  broker: Broker,
  changelogs: readonly string[],
  topics: ReadonlyMap<string, TopicDescription>,
  { partitions, replicas }: { readonly partitions: number; readonly replicas: number },
): Promise<readonly string[]> {
  const missing = changelogs.filter((topic) => !topics.has(topic));
  await broker.createTopics(
    missing.map((topic) => ({
      topic,
      partitions,
      replicas,
      config: { 'cleanup.policy': 'compact', 'max.message.bytes': String(STATE_BYTES_MAX) },
    })),
  );
  return missing;
}

export interface RestoreOptions {
  readonly broker: Broker;
  readonly applicationId: string;
  readonly committed: readonly PartitionOffset[];
  /** What topics there are. */
  readonly topics: ReadonlyMap<string, TopicDescription>;
  /** Where the stores are when not in memory alone: what is in them already is not read again. */
  readonly states: TaskStates | undefined;
  readonly watch: RestoreWatch;
  nowMs(): number;
}

/** A partition of a changelog with the store that is brought up to date by it. */
interface Tail {
  readonly task: number;
  readonly store: TopologyStore;
  readonly topic: string;
  readonly partition: number;
  readonly from: number;
  readonly end: number;
  /** The next offset. */
  at: number;
}

/**
 * Brings the stores of a query's tasks to the end that their changelogs have now: of several tasks each from its own partition, a single one
 * from all that there are. Stores on disk read what they lack, and what was read is on disk when this is over, or is as soon as it fills
 * half of the cache: a restore that was ended goes on where it was.
 *
 * @throws StateWithoutOffsetsError, RestoreStoppedError, StateFullError
 */
export async function restoreStores(tasks: readonly Topology[], options: RestoreOptions): Promise<void> {
  const tails = await findTails(tasks, options);
  const progress = tasks.map((): TaskRestore => ({ done: 0, total: 0 }));
  for (const { task, from, end } of tails) (progress[task] as TaskRestore).total += end - from;
  options.watch.onProgress(progress);
  for (const ofTopic of Map.groupBy(tails, ({ topic }) => topic).values()) {
    await readToEnd(
      ofTopic,
      options,
      (tail, record) => {
        const { store } = tail;
        if (record.key === null) return;
        if (options.committed.length === 0 && record.value !== null) throw new StateWithoutOffsetsError(tail.topic);
        store.restore(store.decode(record.key, record.value));
      },
      async (tail, before) => {
        (progress[tail.task] as TaskRestore).done += tail.at - before;
        options.watch.onProgress(progress);
        if (options.states?.all[tail.task]?.isFull === true) await writeTask(tail.task, tails, options);
      },
    );
  }
  for (const [task, { total }] of progress.entries()) if (total > 0) await writeTask(task, tails, options);
}

async function findTails(tasks: readonly Topology[], options: RestoreOptions): Promise<readonly Tail[]> {
  const { broker, applicationId, states } = options;
  const stores = tasks[0]?.stores.filter((store) => store.hasChangelog) ?? [];
  const tails = stores.map(async ({ name }): Promise<readonly Tail[]> => {
    const topic = changelogTopic(applicationId, name);
    return (await broker.bounds(topic)).flatMap(({ partition, start, end }) => {
      const task = tasks.length === 1 ? 0 : partition;
      const store = tasks[task]?.stores.find((each) => each.name === name);
      const from = states?.restoredTo(task, name) ?? start;
      return store === undefined ? [] : [{ task, store, topic, partition, from, end, at: from }];
    });
  });
  return (await Promise.all(tails)).flat();
}

/**
 * A part of a restore is as old as what it began with: what was deleted since may stand behind it in a changelog, and has to be read while
 * it is kept there, see `reasonToDiscard`.
 */
async function writeTask(
  task: number,
  tails: readonly Tail[],
  { states, topics, nowMs }: RestoreOptions,
): Promise<void> {
  const own = tails.filter((tail) => tail.task === task);
  const places = own.map(({ store, topic, at }): [string, ChangelogPlace] => {
    return [store.name, { topicId: topics.get(topic)?.id, offset: at }];
  });
  const isWhole = own.every(({ at, end }) => at >= end);
  const beganAtMs = isWhole ? undefined : states?.all[task]?.progress?.writtenAtMs;
  await states?.write(task, new Map(places), beganAtMs ?? nowMs());
}

/** So many records are looked at between two looks at the clock. */
const SLICE = 64;

/** Reads the partitions of one topic. `onRead`: all of a tail before its `at` was given to `onRecord`. */
async function readToEnd(
  tails: readonly Tail[],
  { broker, watch }: RestoreOptions,
  onRecord: (tail: Tail, record: FetchedRecord) => void,
  onRead: (tail: Tail, before: number) => Promise<void>,
): Promise<void> {
  const open = new Map(tails.filter(({ at, end }) => at < end).map((tail) => [tail.partition, tail]));
  if (open.size === 0) return;
  const positions = [...open.values()].map(({ topic, partition, at }) => ({ topic, partition, offset: at }));
  const reader = await broker.openReader(positions);
  watch.onReader(reader);
  const turn = new Turn();
  try {
    while (open.size > 0) {
      if (watch.isStopped) throw new RestoreStoppedError();
      for (const part of await reader.poll(500, (_, partition) => open.has(partition))) {
        const tail = open.get(part.partition);
        if (tail === undefined) continue;
        let count = 0;
        for (const record of part.records) {
          if (record.offset >= tail.end) break;
          onRecord(tail, record);
          if (++count % SLICE !== 0 || !turn.isOver) continue;
          await turn.next();
          if (watch.isStopped) throw new RestoreStoppedError();
        }
        const before = tail.at;
        tail.at = Math.min(part.nextOffset, tail.end);
        if (tail.at >= tail.end) open.delete(part.partition);
        await onRead(tail, before);
      }
    }
  } finally {
    watch.onReader(undefined);
    await reader.close();
  }
}
