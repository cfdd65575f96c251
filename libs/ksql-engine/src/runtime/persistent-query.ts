import { setTimeout as delay } from 'node:timers/promises';
import {
  CorruptRecordsError,
  countRecords,
  OffsetOutOfRangeError,
  TopicReplacedError,
  WriterFencedError,
  type Broker,
  type BrokerReader,
  type PartitionOffset,
  type RefusedRecord,
  type TopicRecords,
  type WriteRecord,
  type WriteBatch,
} from '../ports/broker.js';
import type { Clock, DeadLetter, ProcessingLogEntry } from '../ports/ports.js';
import { recordBytesAt } from '../ports/record-bytes.js';
import { RecordColumns, type FetchedRecords } from '../ports/record-columns.js';
import type { Topology } from '../topology/topology.js';
import type { Checkpoint, Checkpoints } from './checkpoints.js';
import type { Commits } from './commits.js';
import { pollReadable } from './corrupt-batches.js';
import { OpenTransactions, type TransactionWait } from './open-transactions.js';
import { PendingOutput, type TopologyHooks } from './pending-output.js';
import { refusalEntry, withoutRefused } from './refused-records.js';
import { changelogTopic, restoreStores, StateWithoutOffsetsError } from './restore.js';
import { TimeOrderedInput } from './time-ordered-input.js';
import { SliceSize, Turn } from './turns.js';

export type QueryState = 'RESTORING' | 'RUNNING' | 'PAUSED' | 'ERROR' | 'STOPPED';

export interface QueryError {
  readonly timestampMs: number;
  readonly message: string;
  readonly type: 'USER' | 'SYSTEM' | 'UNKNOWN';
}

export interface PersistentQueryOptions {
  readonly queryId: string;
  /** Consumer group, prefix of the internal topics, key of the checkpoint. */
  readonly applicationId: string;
  readonly broker: Broker;
  readonly commits: Commits;
  readonly checkpoints: Checkpoints;
  readonly clock: Clock;
  /** Topics read; tables are always read from their beginning. */
  readonly sources: readonly { readonly topic: string; readonly isTable: boolean }[];
  readonly sinkTopic: string | undefined;
  /** One row per key and commit is enough for a table, as ksqlDB's record cache has it. */
  readonly coalesceSink: boolean;
  readonly offsetReset: 'earliest' | 'latest';
  /** Shortest time between two commits. */
  readonly commitIntervalMs: number;
  readonly internalTopicReplicas: number;
  /** What is kept of what was read and not yet processed, bytes; the default when undefined. */
  readonly inputBytesMax: number | undefined;
  /** Whether batches that cannot be read are passed over; else the query stops at the first. */
  readonly skipsCorruptBatches: boolean;
  /** The latest event time that is taken now, ms; Infinity takes any. */
  latestMs(): number;
  createTopology(hooks: TopologyHooks): Topology;
  /** The dead letter of a record that could not be handled, or undefined for entries that are logged only. */
  deadLetter(entry: ProcessingLogEntry): DeadLetter | undefined;
  onLog(entry: ProcessingLogEntry): void;
  onState(state: QueryState, error: QueryError | undefined): void;
  /** All that was processed so far is committed: these records with it. Called before anything else is processed. */
  onCommitted?(records: WriteBatch): void;
}

export interface QueryMetrics {
  recordsIn: number;
  recordsOut: number;
  recordsFailed: number;
  /** Of those that failed: event times too far ahead of the clock. */
  recordsTooFarAhead: number;
  /** Of those that failed: what the broker did not take. */
  recordsRefused: number;
  /** Records of the sources that were deleted before they were read, or could not be read and were passed over. */
  recordsLost: number;
  commits: number;
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
/** No usual topic refuses a record below this; larger ones are compared with their topic's limit. */
const RECORD_BYTES_ALWAYS_TAKEN = 100_000;
const FIRST_BACKOFF_MS = 500;
/** How often it is looked whether a missing topic is there again. */
const TOPIC_LOOK_MS = 1_000;
const BACKOFF_MAX_MS = 30_000;
const ERRORS_KEPT = 10;
const TOPICS_SEEN_FOR_MS = 5_000;
/** After a failed commit a query commits alone until this many went well, so that one whose sink is gone fails no other for long. */
const COMMITS_ALONE = 20;

/**
 * Runs one query: read, process, commit. Outputs, changelogs, dead letters and consumed offsets are part of one transaction, so a kill
 * at any moment leaves either all of a commit or nothing of it: after a restart the stores are rebuilt from their changelogs and
 * reading goes on at the committed offsets. Any failure is answered the same way, with a growing pause.
 */
export class PersistentQuery {
  readonly metrics: QueryMetrics = {
    recordsIn: 0,
    recordsOut: 0,
    recordsFailed: 0,
    recordsTooFarAhead: 0,
    recordsRefused: 0,
    recordsLost: 0,
    commits: 0,
    lastRecordTimeMs: -1,
    restarts: 0,
  };
  readonly errors: QueryError[] = [];
  #state: QueryState = 'RESTORING';
  #topology: Topology | undefined;
  #stopping = false;
  #paused = false;
  #wake: AbortController = new AbortController();
  #reader: BrokerReader | undefined;
  #commitsAlone = 0;
  #input: TimeOrderedInput | undefined;
  #topics: ReadonlySet<string> = new Set();
  #topicsSeenMs = -Infinity;
  /** Source topics that were away while this query ran, until something of their successors is committed. */
  readonly #madeAnew = new Set<string>();
  /** Where reading began, per partition: what counts until the first commit. */
  readonly #began = new Map<string, number>();
  #transactions = new OpenTransactions();
  #isWaitSaid = false;
  /** A topic that was seen to be missing while the query ran. */
  #missing: string | undefined;
  /** A source topic that has more partitions than are read. */
  #grown: string | undefined;
  readonly #bytesMaxByTopic = new Map<string, number>();
  readonly #done: Promise<void>;

  constructor(private readonly options: PersistentQueryOptions) {
    this.#done = this.#run();
  }

  get state(): QueryState {
    return this.#state;
  }
  /** The running topology, for pull queries; undefined while it is being restored. */
  get topology(): Topology | undefined {
    return this.#state === 'RUNNING' || this.#state === 'PAUSED' ? this.#topology : undefined;
  }
  /** Next offset to read per partition. */
  get positions(): readonly PartitionOffset[] {
    return this.#input?.positions ?? [];
  }

  /** The open transaction of another producer that reading waits for, once that takes long. */
  get transactionWait(): TransactionWait | undefined {
    return this.#state === 'RUNNING' ? this.#transactions.longest() : undefined;
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
    await delay(ms, undefined, { signal: this.#wake.signal }).catch(() => undefined);
  }

  async #run(): Promise<void> {
    let backoffMs = FIRST_BACKOFF_MS;
    while (!this.#stopping) {
      const startedMs = this.options.clock.nowMs();
      try {
        await this.#runUntilFailure();
      } catch (cause) {
        if (this.#stopping) break;
        if (cause instanceof TopicReplacedError) this.#madeAnew.add(cause.topic);
        const missing = await this.#missingTopic();
        if (this.#stopping) break;
        const error = this.#remember(missing === undefined ? cause : new Error(missing, { cause }));
        this.#become('ERROR', error);
        this.metrics.restarts++;
        if (missing !== undefined) {
          await this.#untilTopicsExist();
          backoffMs = FIRST_BACKOFF_MS;
          continue;
        }
        if (this.options.clock.nowMs() - startedMs > 60_000) backoffMs = FIRST_BACKOFF_MS;
        // What cannot be read stays so, and each try restores the state.
        if (cause instanceof CorruptRecordsError) backoffMs = BACKOFF_MAX_MS;
        await this.#sleep(backoffMs);
        backoffMs = Math.min(backoffMs * 2, BACKOFF_MAX_MS);
      }
    }
    this.#become('STOPPED');
  }

  /** Says which topic of the query does not exist; undefined when all do, or when the broker does not tell. */
  async #missingTopic(): Promise<string | undefined> {
    const topics = await this.options.broker.listTopics().catch(() => undefined);
    return topics === undefined ? undefined : this.#missingOf(topics);
  }

  #missingOf(topics: ReadonlyMap<string, unknown>): string | undefined {
    const { sources, sinkTopic } = this.options;
    const gone = sources.map(({ topic }) => topic).filter((topic) => !topics.has(topic));
    // What comes in its place is another topic, and nothing of it was read.
    for (const topic of gone) this.#madeAnew.add(topic);
    if (gone[0] !== undefined)
      return `source topic ${gone[0]} does not exist any more; the query goes on when it is there again`;
    if (sinkTopic === undefined || topics.has(sinkTopic)) return undefined;
    return `sink topic ${sinkTopic} does not exist any more; the query goes on when it is there again`;
  }

  /** Beside the loop, which does not wait for it: a sink that nobody writes to is missed too. */
  async #lookForTopics(): Promise<void> {
    const topics = await this.options.broker.listTopics().catch(() => undefined);
    if (topics === undefined) return;
    this.#missing = this.#missingOf(topics);
    const read = (topic: string): number => this.positions.filter((place) => place.topic === topic).length;
    this.#grown = this.options.sources.find(({ topic }) => (topics.get(topic)?.partitions ?? 0) > read(topic))?.topic;
    if (this.#missing !== undefined || this.#grown !== undefined) this.#reader?.interrupt();
  }

  async #untilTopicsExist(): Promise<void> {
    while (!this.#stopping) {
      await this.#sleep(TOPIC_LOOK_MS);
      if (!this.#stopping && (await this.#missingTopic()) === undefined) return;
    }
  }

  #remember(cause: unknown): QueryError {
    const error: QueryError = {
      timestampMs: this.options.clock.nowMs(),
      message: cause instanceof Error ? cause.message : String(cause),
      type: classify(cause),
    };
    this.#keepError(error);
    return error;
  }

  #keepError(error: QueryError): void {
    this.errors.push(error);
    if (this.errors.length > ERRORS_KEPT) this.errors.shift();
  }

  async #runUntilFailure(): Promise<void> {
    this.#become('RESTORING');
    const { broker, applicationId } = this.options;
    const pending = new PendingOutput(this.options.sinkTopic, this.options.coalesceSink, (entry) => {
      this.metrics.recordsFailed++;
      if (entry.fault === 'tooFarAhead') this.metrics.recordsTooFarAhead++;
      this.options.onLog(entry);
      return this.options.deadLetter(entry);
    });
    await this.options.commits.settle();
    try {
      const topology = this.options.createTopology(pending);
      const { offsets: committed, note } = await this.#committed();
      const lostChangelogs = await restoreStores(topology, {
        broker,
        applicationId,
        replicas: this.options.internalTopicReplicas,
        committed,
      });
      for (const topic of lostChangelogs)
        this.#say(
          `state was lost: its topic ${topic} was deleted; it was made again, and the state begins empty`,
          topic,
        );
      if (note !== '') topology.restoreSnapshot(note);
      pending.clear();
      const positions = await this.#startPositions(committed);
      const input = new TimeOrderedInput(positions, this.options.sources, this.options.inputBytesMax);
      this.#input = input;
      this.#transactions = new OpenTransactions();
      this.#missing = undefined;
      this.#grown = undefined;
      this.#reader = await broker.openReader(positions, this.options.inputBytesMax);
      this.#topology = topology;
      this.#become(this.#paused ? 'PAUSED' : 'RUNNING');
      await this.#loop(topology, input, this.#reader, pending);
    } finally {
      this.#topology = undefined;
      await this.#reader?.close().catch(() => undefined);
      this.#reader = undefined;
    }
  }

  /**
   * Where the last commit stands. The group's offsets are a copy for Kafka's tools, which may have expired; they are all there is of a
   * query whose last commit was made by a server that wrote no checkpoints, also after one that did.
   */
  async #committed(): Promise<Checkpoint> {
    const { broker, applicationId, sources, checkpoints } = this.options;
    const [checkpoint, ofGroup] = await Promise.all([
      checkpoints.of(applicationId),
      broker.committedOffsets(
        applicationId,
        sources.map((source) => source.topic),
      ),
    ]);
    const note = ofGroup.find(({ metadata }) => metadata !== '')?.metadata ?? '';
    if (checkpoint === undefined) return { offsets: ofGroup, note };
    const known = new Map(checkpoint.offsets.map((place) => [`${place.topic}/${place.partition}`, place.offset]));
    const isBehind = ofGroup.some(
      ({ topic, partition, offset }) => offset > (known.get(`${topic}/${partition}`) ?? Infinity),
    );
    return isBehind ? { offsets: ofGroup, note } : checkpoint;
  }

  async #startPositions(committed: readonly PartitionOffset[]): Promise<PartitionOffset[]> {
    const positions: PartitionOffset[] = [];
    for (const { topic, isTable } of this.options.sources) {
      // A partition that came after the query has read others is read whole: nothing that was written to it is from before.
      const wasRead =
        committed.some((offset) => offset.topic === topic) ||
        [...this.#began.keys()].some((place) => place.startsWith(`${topic}/`));
      const readsAll = isTable || wasRead || this.options.offsetReset === 'earliest';
      for (const bound of await this.options.broker.bounds(topic)) {
        const known = committed.find((offset) => offset.topic === topic && offset.partition === bound.partition);
        const reset = readsAll ? bound.start : bound.end;
        const place = `${topic}/${bound.partition}`;
        if (this.#madeAnew.has(topic)) this.#began.set(place, bound.start);
        const isKnown = known && !this.#madeAnew.has(topic);
        let offset = (isKnown ? known.offset : this.#began.get(place)) ?? reset;
        if (offset < bound.start || offset > bound.end) {
          this.#sayLost(topic, bound.partition, offset, bound.start);
          offset = bound.start;
        }
        this.#began.set(place, offset);
        positions.push({ topic, partition: bound.partition, offset });
      }
    }
    return positions;
  }

  /** Records that were deleted before this query read them, or a topic that was made anew: never without a word. */
  #sayLost(topic: string, partition: number, offset: number, start: number): void {
    const lost = Math.max(0, start - offset);
    this.metrics.recordsLost += lost;
    const message =
      lost > 0
        ? `${lost} records of ${topic}-${partition} were deleted before they were read; the query goes on from the first that exists, offset ${start}`
        : `${topic}-${partition} was made anew: offset ${offset} does not exist; the query goes on from its first record, offset ${start}`;
    this.#say(message, topic, partition);
  }

  #saySkipped({ topic, partition, offset, message }: CorruptRecordsError, nextOffset: number): void {
    this.metrics.recordsLost += nextOffset - offset;
    this.#say(
      `${message}; what lies before offset ${nextOffset} is lost, and the query goes on there`,
      topic,
      partition,
    );
  }

  /** What somebody should know of a query that goes on. */
  #say(message: string, topic: string, partition?: number): void {
    const { queryId, clock } = this.options;
    this.#keepError({ timestampMs: clock.nowMs(), message, type: 'SYSTEM' });
    this.options.onLog({ type: 'KAFKA_STREAMS_THREAD_ERROR', queryId, message, topic, partition, cause: [] });
  }

  /** Once for each wait. */
  #sayWait(): void {
    const wait = this.transactionWait;
    if (wait && !this.#isWaitSaid) {
      const { topic, partition, waitedMs } = wait;
      const message = `waits behind an open transaction on ${topic}-${partition} for ${Math.round(waitedMs / 1000)} s; it goes on when the producer ends it or its time is over`;
      this.#say(message, topic, partition);
    }
    this.#isWaitSaid = wait !== undefined;
  }

  async #loop(
    topology: Topology,
    input: TimeOrderedInput,
    reader: BrokerReader,
    pending: PendingOutput,
  ): Promise<void> {
    const { clock, commitIntervalMs } = this.options;
    let lastCommitMs = 0;
    let dueMs = Infinity;
    let lookedMs = clock.nowMs();
    let freshMs = clock.nowMs();
    const commit = async (offsetsAlone: boolean): Promise<void> => {
      if (await this.#commit(topology, pending, offsetsAlone)) {
        lastCommitMs = freshMs = clock.nowMs();
        dueMs = Infinity;
      } else {
        dueMs = Math.max(clock.nowMs() + 1, lastCommitMs + OFFSETS_WAIT_MS);
      }
    };
    const isStale = (): boolean => clock.nowMs() >= freshMs + OFFSETS_KEPT_FRESH_MS;
    const slice = new SliceSize();
    while (!this.#stopping) {
      if (this.#grown !== undefined) {
        this.#say(`${this.#grown} has more partitions than before: all of them are read from now on`, this.#grown);
        break;
      }
      if (this.#paused) {
        if (dueMs < Infinity || isStale()) await commit(true);
        await this.#sleep(1_000);
        continue;
      }
      if (this.#missing !== undefined) throw new Error(this.#missing);
      if (clock.nowMs() - lookedMs > TOPICS_SEEN_FOR_MS) {
        lookedMs = clock.nowMs();
        void this.#lookForTopics();
      }
      const untilDueMs = Math.max(0, dueMs - clock.nowMs());
      const parts = await pollReadable(() => reader.poll(Math.min(untilDueMs, POLL_WAIT_MS), input.wants), reader, {
        skips: this.options.skipsCorruptBatches,
        onSkipped: (error, nextOffset) => this.#saySkipped(error, nextOffset),
        onStop: async () => {
          if (dueMs < Infinity) await commit(true);
        },
      });
      input.add(parts);
      this.#transactions.note(parts, clock.nowMs());
      this.#sayWait();
      // What a poll brings after the query was paused waits until it goes on.
      if (this.#paused) continue;
      const turn = new Turn();
      let stoppingSinceMs: number | undefined;
      for (const run of input.take(this.options.latestMs())) {
        let from = run.from;
        while (from < run.to) {
          const to = Math.min(run.to, from + slice.value);
          const startedMs = performance.now();
          this.#push(topology, run.topic, run.records, from, to);
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
    if (dueMs < Infinity) await commit(true);
  }

  #push(topology: Topology, topic: string, records: FetchedRecords, from: number, to: number): void {
    for (const source of topology.sources) if (source.topic === topic) source.push(records, from, to);
    this.metrics.recordsIn += to - from;
    const { timestamps } = records.parts;
    const latestMs = this.options.latestMs();
    let newestMs = this.metrics.lastRecordTimeMs;
    for (let i = from; i < to; i++) {
      const timestamp = timestamps[i] as number;
      if (timestamp > newestMs && timestamp <= latestMs) newestMs = timestamp;
    }
    this.metrics.lastRecordTimeMs = newestMs;
  }

  /** A dead letter that is too large for its topic keeps its headers and as much of its value as fits. */
  async #fitLetters({ topic, records }: TopicRecords): Promise<void> {
    for (let i = 0; i < records.length; i++) {
      const bytes = recordBytesAt(records, i);
      if (bytes <= RECORD_BYTES_ALWAYS_TAKEN) continue;
      const excess = bytes - (await this.#bytesMax(topic));
      const start = records.valueStarts[i] as number;
      if (excess > 0 && start >= 0) records.valueEnds[i] = Math.max(start, (records.valueEnds[i] as number) - excess);
    }
  }

  /** Dead letters go where somebody made a topic for them; elsewhere the processing log alone tells of bad records. */
  async #deliverable(letters: readonly TopicRecords[]): Promise<readonly TopicRecords[]> {
    if (letters.length === 0) return letters;
    const nowMs = this.options.clock.nowMs();
    if (nowMs - this.#topicsSeenMs > TOPICS_SEEN_FOR_MS) {
      this.#topics = new Set((await this.options.broker.listTopics()).keys());
      this.#topicsSeenMs = nowMs;
    }
    const deliverable = letters.filter(({ topic }) => this.#topics.has(topic));
    for (const records of deliverable) await this.#fitLetters(records);
    return deliverable;
  }

  /**
   * A result that the broker does not take goes to the dead letters. So does no state: put back later it would be older than what came
   * after it; and no letter, or it would come round for ever.
   */
  #lettersOf(refused: RefusedRecord): readonly TopicRecords[] {
    const { queryId, sinkTopic, applicationId, checkpoints } = this.options;
    const isState = refused.topic.startsWith(`${applicationId}-`) || refused.topic === checkpoints.topic;
    const kind = refused.topic === sinkTopic ? 'result' : isState ? 'state' : 'letter';
    const entry = refusalEntry(queryId, kind, refused);
    this.metrics.recordsFailed++;
    this.metrics.recordsRefused++;
    this.options.onLog(entry);
    if (kind === 'state')
      this.#keepError({ timestampMs: this.options.clock.nowMs(), message: entry.message, type: 'SYSTEM' });
    const letter = kind === 'result' ? this.options.deadLetter(entry) : undefined;
    if (letter === undefined) return [];
    const { topic, timestamp, headers } = letter;
    const { key, value } = refused;
    return [{ topic, records: RecordColumns.of([{ key, value, timestamp, headers }]) }];
  }

  async #bytesMax(topic: string): Promise<number> {
    const known = this.#bytesMaxByTopic.get(topic) ?? (await this.options.broker.recordBytesMax(topic));
    this.#bytesMaxByTopic.set(topic, known);
    return known;
  }

  /** Commits what was processed; when that gave nothing to write, the offsets alone only if told so. Says whether it did. */
  async #commit(topology: Topology, pending: PendingOutput, offsetsAlone: boolean): Promise<boolean> {
    const { applicationId, commits, checkpoints } = this.options;
    const { results, letters } = pending.take();
    const records: (WriteRecord | TopicRecords)[] = [...results, ...(await this.#deliverable(letters))];
    const nowMs = this.options.clock.nowMs();
    for (const store of topology.stores) {
      if (!store.hasChangelog) continue;
      for (const change of store.takeChanges()) {
        const { key, value } = store.encode(change);
        records.push({
          topic: changelogTopic(applicationId, store.name),
          partition: 0,
          key,
          value,
          // The row's own time is part of its bytes; the broker takes no time that is far ahead of its clock.
          timestamp: Math.min(change.entry?.timestamp ?? 0, nowMs),
          headers: [],
        });
      }
    }
    const count = countRecords(records);
    if (count === 0 && !offsetsAlone) {
      this.options.onCommitted?.([]);
      return false;
    }
    const checkpoint = { offsets: this.positions, note: topology.snapshot() };
    records.push(checkpoints.record(applicationId, checkpoint, nowMs));
    const consumed = { groupId: applicationId, offsets: this.positions.map((place) => ({ ...place, metadata: '' })) };
    const refused: RefusedRecord[] = [];
    const onRefused = (those: readonly RefusedRecord[]): Promise<readonly TopicRecords[]> => {
      refused.push(...those);
      return this.#deliverable(those.flatMap((record) => this.#lettersOf(record)));
    };
    try {
      await commits.commit({ records, consumed, onRefused }, { isAlone: this.#commitsAlone > 0 });
      if (this.#commitsAlone > 0) this.#commitsAlone--;
    } catch (error) {
      this.#commitsAlone = COMMITS_ALONE;
      throw error;
    }
    this.#madeAnew.clear();
    this.metrics.commits++;
    this.metrics.recordsOut += count - refused.length;
    this.options.onCommitted?.(withoutRefused(records, refused));
    return true;
  }
}

function classify(cause: unknown): QueryError['type'] {
  if (
    cause instanceof WriterFencedError ||
    cause instanceof CorruptRecordsError ||
    cause instanceof OffsetOutOfRangeError ||
    cause instanceof TopicReplacedError ||
    cause instanceof StateWithoutOffsetsError
  )
    return 'SYSTEM';
  if (!(cause instanceof Error)) return 'UNKNOWN';
  if (cause.name === 'StreamsException' || cause.name.startsWith('Ksql')) return 'USER';
  return cause.name === 'BrokerUnavailableError' ? 'SYSTEM' : 'UNKNOWN';
}
