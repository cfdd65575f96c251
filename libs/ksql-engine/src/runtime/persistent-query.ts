import {
  CorruptRecordsError,
  TopicReplacedError,
  type Broker,
  type BrokerReader,
  type PartitionOffset,
  type TopicDescription,
} from '../ports/broker.js';
import type { FetchedRecords } from '../ports/record-columns.js';
import { sleep, timers } from '../ports/scheduler.js';
import type { StoreFactory } from '../state/store-factory.js';
import type { Topology } from '../topology/topology.js';
import { changelogsOf } from './changelogs.js';
import { pollReadable } from './corrupt-batches.js';
import { OpenTransactions, type TransactionWait } from './open-transactions.js';
import { PendingOutput, type TopologyHooks } from './pending-output.js';
import { QueryCommit, type QueryCommitOptions } from './query-commit.js';
import { QueryErrors, type QueryError } from './query-errors.js';
import { QueryTasks, type QueryTask } from './query-tasks.js';
import { createChangelogs, ForeignStateError, restoreStores, type RestoreWatch, type TaskRestore } from './restore.js';
import type { SharedScans } from './scan/shared-scans.js';
import type { SchemaWait } from './schema-admission.js';
import { StartPositions, topicIdsOf, type StartPositionsOptions } from './start-positions.js';
import { countTasks, PartitionsChangedError } from './task-count.js';
import { TaskStates, type StateOptions } from './task-states.js';
import { TopicWatch } from './topic-watch.js';
import { SliceSize, Turn } from './turns.js';

export type { QueryError };
export type QueryState = 'RESTORING' | 'RUNNING' | 'PAUSED' | 'ERROR' | 'STOPPED';

export interface PersistentQueryOptions extends QueryCommitOptions, StartPositionsOptions {
  /** Consumer group, prefix of the internal topics, key of the checkpoint. */
  readonly applicationId: string;
  readonly broker: Broker;
  /** Opens what the sources are read with; queries of one process share it. */
  readonly scans: Pick<SharedScans, 'openReader'>;
  /** One row per key and commit is enough for a table, as ksqlDB's record cache has it. */
  readonly coalesceSink: boolean;
  /** Shortest time between two commits. */
  readonly commitIntervalMs: number;
  readonly internalTopicReplicas: number;
  /** What is kept of what was read and not yet processed, bytes; the default when undefined. */
  readonly inputBytesMax: number | undefined;
  /** Whether batches that cannot be read are passed over; else the query stops at the first. */
  readonly skipsCorruptBatches: boolean;
  /** Whether what the query keeps of a partition has to do with no other, so that each may be a task. */
  readonly splitsByPartition: boolean;
  /** Whether one record may take a thousand times what another took. */
  readonly hasLambda: boolean;
  /** The latest event time that is taken now, ms; Infinity takes any. */
  latestMs(): number;
  /** Where state is kept when not in memory alone. */
  readonly state?: StateOptions | undefined;
  /** The schema that what was read waits for, once that could not be had. */
  schemaWait?(): SchemaWait | undefined;
  /** Begins anew. */
  openTasks(hooks: TopologyHooks): TaskBuild;
  onState(state: QueryState, error: QueryError | undefined): void;
  /** A restore goes on; told every few seconds of one that takes long. */
  onRestore?(restore: RestoreProgress): void;
}

/** What makes the tasks of one start of a query. */
export interface TaskBuild {
  /** `stores`: where it keeps its state, in memory when undefined. */
  build(stores: StoreFactory | undefined): Topology;
  /** The topology of each task, in their order. @returns what is to be run in its place */
  begin(topology: Topology): Topology;
}

/** How far a restore is, in offsets of changelogs: a few of them are marks of transactions and no records. */
export interface RestoreProgress {
  readonly done: number;
  readonly total: number;
  /** By the number of the task. */
  readonly tasks: readonly Readonly<TaskRestore>[];
  readonly startedMs: number;
}

export interface QueryMetrics {
  recordsIn: number;
  recordsOut: number;
  /** Those of them that are results. */
  resultsOut: number;
  /** Keys and values of those records. */
  bytesIn: number;
  bytesOut: number;
  recordsFailed: number;
  /** Of those that failed: event times too far ahead of the clock. */
  recordsTooFarAhead: number;
  /** Of those that failed: what the broker did not take. */
  recordsRefused: number;
  /** Records of the sources that were deleted before they were read, or could not be read and were passed over. */
  recordsLost: number;
  commits: number;
  /** How long they took, ms. */
  commitMs: number;
  /** Greatest broker timestamp consumed that is not too far ahead, ms; -1 before the first record. */
  lastRecordTimeMs: number;
  restarts: number;
}

/** A poll under way ends at once when the query stops. */
const POLL_WAIT_MS = 5_000;
/** How long offsets alone may wait: what was read again after a crash gives nothing again. */
const OFFSETS_WAIT_MS = 2_000;
/**
 * How often offsets are committed when nothing is read. A query that began at the end and has read nothing yet must not begin at another
 * end after a restart; and Kafka forgets offsets of a group without members a week after their last commit, and with them its lag.
 */
const OFFSETS_KEPT_FRESH_MS = 600_000;
/** How long a query that is to stop goes on with records that it has taken, before it leaves them to its next start. */
const STOP_PATIENCE_MS = 2_000;
const FIRST_BACKOFF_MS = 500;
/** How often it is looked whether a missing topic is there again. */
const TOPIC_LOOK_MS = 1_000;
const BACKOFF_MAX_MS = 30_000;
const TOPICS_SEEN_FOR_MS = 5_000;
const RESTORE_TOLD_MS = 5_000;
/** What the next try is unlikely to find better. */
const LASTING = [CorruptRecordsError, PartitionsChangedError, ForeignStateError];

/** What one start of a query works with until it fails or is stopped. */
interface Run {
  readonly tasks: QueryTasks;
  readonly reader: BrokerReader;
  readonly pending: PendingOutput;
  /** Of state that is not in memory alone. */
  readonly states: TaskStates | undefined;
}

/** Figures of a query that has done nothing yet. */
export const noMetrics = (): QueryMetrics => ({
  recordsIn: 0,
  recordsOut: 0,
  resultsOut: 0,
  bytesIn: 0,
  bytesOut: 0,
  recordsFailed: 0,
  recordsTooFarAhead: 0,
  recordsRefused: 0,
  recordsLost: 0,
  commits: 0,
  commitMs: 0,
  lastRecordTimeMs: -1,
  restarts: 0,
});

/**
 * Runs one query: read, process, commit. Outputs, changelogs, dead letters and consumed offsets are part of one transaction, so a kill
 * at any moment leaves either all of a commit or nothing of it: after a restart the stores are rebuilt from their changelogs and
 * reading goes on at the committed offsets. Any failure is answered the same way, with a growing pause.
 */
export class PersistentQuery {
  readonly metrics: QueryMetrics = noMetrics();
  #state: QueryState = 'RESTORING';
  #stopping = false;
  #paused = false;
  #wake: AbortController = new AbortController();
  #reader: BrokerReader | undefined;
  #tasks: QueryTasks | undefined;
  #states: TaskStates | undefined;
  #restored: RestoreProgress | undefined;
  /** The topics that this run reads, see `Checkpoint`. */
  #topicIds: Readonly<Record<string, string>> = {};
  /** Whether a commit stood when this run began. */
  #hasCommitted = false;
  /** Where the last run has come to. */
  #reached: readonly PartitionOffset[] = [];
  #transactions = new OpenTransactions();
  #isWaitSaid = false;
  readonly #errors: QueryErrors;
  readonly #start: StartPositions;
  readonly #commit: QueryCommit;
  readonly #topics: TopicWatch;
  readonly #done: Promise<void>;

  constructor(private readonly options: PersistentQueryOptions) {
    const { metrics } = this;
    this.#errors = new QueryErrors(options);
    this.#start = new StartPositions(options, this.#errors, (records) => (metrics.recordsLost += records));
    this.#commit = new QueryCommit(options, this.#errors, () => {
      metrics.recordsFailed++;
      metrics.recordsRefused++;
    });
    const { broker, sources, sinkTopic } = options;
    const onSourceGone = (topic: string): void => this.#start.missed(topic);
    this.#topics = new TopicWatch({ broker, sources, sinkTopic, onSourceGone });
    this.#done = this.#run();
  }

  get state(): QueryState {
    return this.#state;
  }
  /** The last ones, oldest first. */
  get errors(): readonly QueryError[] {
    return this.#errors.newest;
  }
  /** The running topologies, one per task; none while they are being restored. */
  get topologies(): readonly Topology[] {
    return this.tasks.map(({ topology }) => topology);
  }
  /** None while they are being restored. */
  get tasks(): readonly QueryTask[] {
    const isThere = this.#state === 'RUNNING' || this.#state === 'PAUSED';
    return isThere && this.#tasks ? this.#tasks.all : [];
  }
  /** How far the newest restore is, or was when it was over. */
  get restore(): RestoreProgress | undefined {
    return this.#restored;
  }
  /** What the state takes on disk, bytes; undefined when it is kept in memory. */
  get storedBytes(): number | undefined {
    return this.#states?.storedBytes;
  }
  /** Next offset to read per partition. */
  get positions(): readonly PartitionOffset[] {
    return this.#tasks?.positions ?? this.#reached;
  }

  /** The open transaction of another producer that reading waits for, once that takes long. */
  get transactionWait(): TransactionWait | undefined {
    return this.#state === 'RUNNING' ? this.#transactions.longest() : undefined;
  }

  /** The schema that reading waits for, as the registry is away or does not let us. */
  get schemaWait(): SchemaWait | undefined {
    return this.#state === 'RUNNING' ? this.options.schemaWait?.() : undefined;
  }

  pause(): void {
    this.#paused = true;
    if (this.#state === 'RUNNING') this.#become('PAUSED');
  }
  resume(): void {
    this.#paused = false;
    if (this.#state === 'PAUSED') this.#become('RUNNING');
    this.#wakeUp();
  }

  /** Commits what was processed and ends. */
  async stop(): Promise<void> {
    this.#stopping = true;
    this.#wakeUp();
    this.#reader?.interrupt();
    await this.#done;
  }

  #wakeUp(): void {
    this.#wake.abort();
    this.#wake = new AbortController();
  }

  #become(state: QueryState, error?: QueryError): void {
    if (this.#state === state && !error) return;
    this.#state = state;
    this.options.onState(state, error);
  }

  async #sleep(ms: number): Promise<void> {
    await sleep(timers, ms, this.#wake.signal);
  }

  async #run(): Promise<void> {
    let backoffMs = FIRST_BACKOFF_MS;
    while (!this.#stopping) {
      const startedMs = this.options.clock.nowMs();
      try {
        await this.#runUntilFailure();
      } catch (cause) {
        if (this.#stopping) break;
        if (cause instanceof TopicReplacedError) this.#start.replaced(cause.topic);
        const missing = await this.#topics.findMissing();
        if (this.#stopping) break;
        const error = this.#errors.failed(missing === undefined ? cause : new Error(missing, { cause }));
        this.#become('ERROR', error);
        this.metrics.restarts++;
        if (missing !== undefined) {
          await this.#untilTopicsExist();
          backoffMs = FIRST_BACKOFF_MS;
          continue;
        }
        if (this.options.clock.nowMs() - startedMs > 60_000) backoffMs = FIRST_BACKOFF_MS;
        // What cannot be read stays so, and each try restores the state; and neither partitions nor foreign state go away.
        if (LASTING.some((kind) => cause instanceof kind)) backoffMs = BACKOFF_MAX_MS;
        await this.#sleep(backoffMs);
        backoffMs = Math.min(backoffMs * 2, BACKOFF_MAX_MS);
      }
    }
    this.#become('STOPPED');
  }

  async #lookForTopics(): Promise<void> {
    if (await this.#topics.look(() => this.positions)) this.#reader?.interrupt();
  }

  async #untilTopicsExist(): Promise<void> {
    while (!this.#stopping) {
      await this.#sleep(TOPIC_LOOK_MS);
      if (!this.#stopping && (await this.#topics.findMissing()) === undefined) return;
    }
  }

  async #runUntilFailure(): Promise<void> {
    this.#become('RESTORING');
    const pending = new PendingOutput(this.options.sinkTopic, this.options.coalesceSink, (entry) => {
      this.metrics.recordsFailed++;
      if (entry.fault === 'tooFarAhead') this.metrics.recordsTooFarAhead++;
      this.options.onLog(entry);
      return this.options.deadLetter(entry);
    });
    await this.options.commits.settle();
    try {
      const tasks = await this.#restore(pending);
      pending.clear();
      this.#transactions = new OpenTransactions();
      this.#topics.forget();
      this.#reader = await this.options.scans.openReader(tasks.positions, this.options.inputBytesMax);
      await this.#requireSameTopics();
      this.#tasks = tasks;
      this.#become(this.#paused ? 'PAUSED' : 'RUNNING');
      await this.#loop({ tasks, reader: this.#reader, pending, states: this.#states });
    } finally {
      this.#reached = this.positions;
      this.#tasks = undefined;
      await this.#reader?.close().catch(() => undefined);
      this.#reader = undefined;
      await this.#states?.close();
      this.#states = undefined;
    }
  }

  /** The tasks as they were at the last commit. */
  async #restore(hooks: TopologyHooks): Promise<QueryTasks> {
    const { broker, applicationId, sources, internalTopicReplicas: replicas, clock } = this.options;
    const { build, begin } = this.options.openTasks(hooks);
    const first = build(undefined);
    const { offsets: committed, notes, topicIds } = await this.#start.lastCommit();
    this.#hasCommitted = committed.length > 0;
    let topics = await broker.listTopics();
    this.#start.compare(topicIds, topics);
    this.#topicIds = topicIdsOf(sources, topics);
    this.#commit.begin(this.#topicIds);
    const changelogs = changelogsOf(applicationId, first.stores);
    const names = sources.map(({ topic }) => topic);
    const isStateless = first.stores.length === 0;
    const count = countTasks(changelogs, this.options.splitsByPartition, names, topics, isStateless);
    if (count.isFromBefore && first.hasStreamTime) this.#sayOneTask(changelogs[0] as string);
    const missing = await createChangelogs(broker, changelogs, topics, { partitions: count.tasks, replicas });
    if (missing.length > 0) topics = await broker.listTopics();
    const stores = first.stores.filter((store) => store.hasChangelog).map(({ name }) => name);
    const states = await this.#openStates(stores, count.tasks, topics, committed.length > 0);
    const topologies: Topology[] = [];
    while (topologies.length < count.tasks)
      topologies.push(
        begin(states === undefined && topologies.length === 0 ? first : build(states?.all[topologies.length])),
      );
    await restoreStores(topologies, {
      broker,
      applicationId,
      committed,
      topics,
      states,
      watch: this.#restoreWatch(clock.nowMs()),
      nowMs: () => clock.nowMs(),
    });
    for (const topic of committed.length > 0 ? missing : [])
      this.#errors.sayLost(
        'state',
        `state was lost: its topic ${topic} was deleted; it was made again, and the state begins empty`,
        topic,
      );
    if (notes.length === topologies.length)
      topologies.forEach((topology, task) => {
        const note = notes[task] as string;
        if (note !== '') topology.restoreSnapshot(note);
      });
    return new QueryTasks(topologies, await this.#start.after(committed), sources, this.options.inputBytesMax);
  }

  async #openStates(
    stores: readonly string[],
    tasks: number,
    topics: ReadonlyMap<string, TopicDescription>,
    hasCommitted: boolean,
  ): Promise<TaskStates | undefined> {
    const { state, broker, applicationId, clock } = this.options;
    if (state === undefined || stores.length === 0) return undefined;
    return (this.#states = await TaskStates.open({
      ...state,
      broker,
      applicationId,
      stores,
      tasks,
      topics,
      hasCommitted,
      nowMs: clock.nowMs(),
      onDiscarded: (reason) => this.#errors.say(reason),
    }));
  }

  #restoreWatch(startedMs: number): RestoreWatch {
    const { clock } = this.options;
    let toldMs = startedMs;
    const isStopped = (): boolean => this.#stopping;
    return {
      get isStopped() {
        return isStopped();
      },
      onReader: (reader) => (this.#reader = reader),
      onProgress: (tasks) => {
        const sum = (of: 'done' | 'total'): number => tasks.reduce((all, task) => all + task[of], 0);
        const restore = { done: sum('done'), total: sum('total'), tasks, startedMs };
        this.#restored = restore;
        const nowMs = clock.nowMs();
        const isOver = restore.done === restore.total && toldMs > startedMs;
        if (nowMs - toldMs < RESTORE_TOLD_MS && !isOver) return;
        toldMs = nowMs;
        this.options.onRestore?.(restore);
      },
    };
  }

  /** A topic that was made anew while the query started is not what its commits would say. @throws TopicReplacedError */
  async #requireSameTopics(): Promise<void> {
    const { broker, sources } = this.options;
    for (const [topic, id] of Object.entries(topicIdsOf(sources, await broker.listTopics())))
      if ((this.#topicIds[topic] ?? id) !== id) throw new TopicReplacedError(topic);
  }

  #sayOneTask(topic: string): void {
    this.#errors.say(
      'the state of all partitions was kept together so far and stays so: records of a partition that is far behind another may be ' +
        'late for their windows; terminate the query and create it again to have a stream time for each partition',
      topic,
    );
  }

  /** Once for each wait. */
  #sayWait(): void {
    const wait = this.transactionWait;
    if (wait && !this.#isWaitSaid) {
      const { topic, partition, waitedMs } = wait;
      const message = `waits behind an open transaction on ${topic}-${partition} for ${Math.round(waitedMs / 1000)} s; it goes on when the producer ends it or its time is over`;
      this.#errors.say(message, topic, partition);
    }
    this.#isWaitSaid = wait !== undefined;
  }

  #saySkipped({ topic, partition, offset, message }: CorruptRecordsError, nextOffset: number): void {
    this.metrics.recordsLost += nextOffset - offset;
    this.#errors.sayLost(
      'records',
      `${message}; what lies before offset ${nextOffset} is lost, and the query goes on there`,
      topic,
      partition,
    );
  }

  async #loop(run: Run): Promise<void> {
    const { tasks, reader, pending, states } = run;
    const { clock, commitIntervalMs } = this.options;
    let lastCommitMs = 0;
    // One that has not committed yet says where it began: killed before its first record it would begin elsewhere, and tell nobody.
    let dueMs = this.#hasCommitted ? Infinity : clock.nowMs();
    let lookedMs = clock.nowMs();
    let freshMs = clock.nowMs();
    const commit = async (offsetsAlone: boolean, isLast = false): Promise<void> => {
      if (await this.#commitAll(run, offsetsAlone, isLast)) {
        lastCommitMs = freshMs = clock.nowMs();
        dueMs = Infinity;
      } else {
        dueMs = Math.max(clock.nowMs() + 1, lastCommitMs + OFFSETS_WAIT_MS);
      }
    };
    const isStale = (): boolean => clock.nowMs() >= freshMs + OFFSETS_KEPT_FRESH_MS;
    const slice = new SliceSize(this.options.hasLambda);
    /** Whether something waits that came when the query was paused. */
    let isHeldBack = false;
    while (!this.#stopping) {
      states?.check();
      const { grown } = this.#topics;
      if (grown !== undefined) {
        // Several tasks cannot take them; the next start says so.
        if (tasks.all.length === 1 || tasks.all[0]?.topology.stores.length === 0)
          this.#errors.say(`${grown} has more partitions than before: all of them are read from now on`, grown);
        break;
      }
      if (this.#paused) {
        if (dueMs < Infinity || isStale()) await commit(true);
        await this.#sleep(1_000);
        continue;
      }
      if (this.#topics.missing !== undefined) throw new Error(this.#topics.missing);
      if (clock.nowMs() - lookedMs > TOPICS_SEEN_FOR_MS) {
        lookedMs = clock.nowMs();
        void this.#lookForTopics();
      }
      const waitMs = isHeldBack ? 0 : Math.min(Math.max(0, dueMs - clock.nowMs()), POLL_WAIT_MS);
      const parts = await pollReadable(() => reader.poll(waitMs, tasks.wants), reader, {
        skips: this.options.skipsCorruptBatches,
        onSkipped: (error, nextOffset) => {
          this.#saySkipped(error, nextOffset);
          tasks.skip(error, nextOffset);
          // Committed, it is not told of again by the next start.
          dueMs = Math.min(dueMs, lastCommitMs + OFFSETS_WAIT_MS);
        },
        onStop: async () => {
          if (dueMs < Infinity) await commit(true);
        },
      });
      tasks.add(parts);
      this.#transactions.note(parts, clock.nowMs());
      this.#sayWait();
      // What a poll brings after the query was paused waits until it goes on.
      isHeldBack = this.#paused;
      if (isHeldBack) continue;
      const turn = new Turn();
      let stoppingSinceMs: number | undefined;
      for (const { task, run } of tasks.take(this.options.latestMs())) {
        let from = run.from;
        while (from < run.to) {
          const to = Math.min(run.to, from + Math.min(slice.value, task.recordsAtOnce()));
          const startedMs = performance.now();
          this.#push(task, run.topic, run.records, from, to);
          slice.took(to - from, performance.now() - startedMs);
          from = to;
          if (!turn.isOver) continue;
          await turn.next();
          if (!this.#stopping) continue;
          stoppingSinceMs ??= performance.now();
          // Nothing of this turn is committed then: the records come again, and what they led to is dropped with the transaction.
          if (performance.now() - stoppingSinceMs > STOP_PATIENCE_MS) return;
        }
        dueMs = Math.min(dueMs, lastCommitMs + commitIntervalMs);
        // All that was taken was pushed: what waits in the input is not among the positions of the commit.
        if (pending.isFull) await commit(false);
      }
      const nowMs = clock.nowMs();
      if (isStale() || nowMs >= dueMs) await commit(nowMs >= lastCommitMs + OFFSETS_WAIT_MS);
    }
    if (dueMs < Infinity || states?.hasUnwritten === true) await commit(true, true);
  }

  #push(task: QueryTask, topic: string, records: FetchedRecords, from: number, to: number): void {
    const bytesBefore = task.bytesIn;
    task.push(topic, records, from, to, this.options.latestMs());
    this.metrics.recordsIn += to - from;
    this.metrics.bytesIn += task.bytesIn - bytesBefore;
    this.metrics.lastRecordTimeMs = Math.max(this.metrics.lastRecordTimeMs, task.newestMs);
  }

  /**
   * Commits what was processed; when that gave nothing to write, the offsets alone only if told so. Says whether it did. `isLast`: what is
   * committed is written to the state's medium, too, however little it is.
   */
  async #commitAll({ tasks, pending, states }: Run, offsetsAlone: boolean, isLast: boolean): Promise<boolean> {
    const { clock } = this.options;
    const places = await states?.placesBeforeCommit(clock.nowMs(), isLast);
    const startedMs = performance.now();
    const committed = await this.#commit.commit(tasks, pending, offsetsAlone);
    if (committed === undefined) return false;
    states?.committed(places, clock.nowMs());
    this.#start.committed();
    this.metrics.commits++;
    this.metrics.commitMs += performance.now() - startedMs;
    this.metrics.bytesOut += committed.bytes;
    this.metrics.resultsOut += committed.results;
    this.metrics.recordsOut += committed.records;
    if (states?.isFull === true) await states.written();
    return true;
  }
}
