import {
  countRecords,
  type Broker,
  type RefusedRecord,
  type TopicRecords,
  type WriteBatch,
  type WriteRecord,
} from '../ports/broker.js';
import type { Clock, DeadLetter, ProcessingLogEntry } from '../ports/ports.js';
import { contentBytes, recordBytesAt } from '../ports/record-bytes.js';
import { RecordColumns } from '../ports/record-columns.js';
import { changelogTopic } from './changelogs.js';
import type { Checkpoint, Checkpoints } from './checkpoints.js';
import type { Commits } from './commits.js';
import type { PendingOutput } from './pending-output.js';
import type { QueryErrors } from './query-errors.js';
import type { QueryTasks } from './query-tasks.js';
import { refusalEntry, withoutRefused } from './refused-records.js';

export interface QueryCommitOptions {
  readonly queryId: string;
  readonly applicationId: string;
  /** See `Checkpoint`. */
  readonly madeBy: number;
  readonly broker: Pick<Broker, 'listTopics' | 'recordBytesMax'>;
  readonly commits: Commits;
  readonly checkpoints: Checkpoints;
  readonly clock: Clock;
  readonly sinkTopic: string | undefined;
  /** Bytes at the end of each result's key that are its window. */
  readonly sinkWindowBytes: number;
  /** The dead letter of a record that could not be handled, or undefined for entries that are logged only. */
  deadLetter(entry: ProcessingLogEntry): DeadLetter | undefined;
  onLog(entry: ProcessingLogEntry): void;
  /** All that was processed so far is committed: these records with it. Called before anything else is processed. */
  onCommitted?(records: WriteBatch): void;
}

/** What was committed. */
export interface Committed {
  readonly records: number;
  /** Those of them that went to the sink. */
  readonly results: number;
  readonly refused: number;
  /** Keys and values of all that was to be written. */
  readonly bytes: number;
}

/** No usual topic refuses a record below this; larger ones are compared with their topic's limit. */
const RECORD_BYTES_ALWAYS_TAKEN = 100_000;
const TOPICS_SEEN_FOR_MS = 5_000;
/** After a failed commit a query commits alone until this many went well, so that one whose sink is gone fails no other for long. */
const COMMITS_ALONE = 20;

/** Commits what a query did: results, state of all tasks, dead letters, checkpoint and consumed offsets in one transaction. */
export class QueryCommit {
  #commitsAlone = 0;
  #topicIds: Checkpoint['topicIds'] = {};
  #topics: ReadonlySet<string> = new Set();
  #topicsSeenMs = -Infinity;
  readonly #bytesMaxByTopic = new Map<string, number>();

  constructor(
    private readonly options: QueryCommitOptions,
    private readonly errors: QueryErrors,
    private readonly onRefused: () => void,
  ) {}

  /** A run begins. `topicIds`: which topics it reads, see `Checkpoint`. */
  begin(topicIds: Checkpoint['topicIds']): void {
    this.#topicIds = topicIds;
  }

  /**
   * Commits what was processed; when that gave nothing to write, the offsets alone only if told so.
   * @returns undefined when there was nothing to commit
   */
  async commit(tasks: QueryTasks, pending: PendingOutput, offsetsAlone: boolean): Promise<Committed | undefined> {
    const { applicationId, madeBy, commits, checkpoints, clock } = this.options;
    const { results, letters } = pending.take();
    const nowMs = clock.nowMs();
    const records: (WriteRecord | TopicRecords)[] = [
      ...this.#partitioned(results),
      ...(await this.#deliverable(letters)),
    ];
    this.#addChanges(tasks, nowMs, records);
    const count = countRecords(records);
    if (count === 0 && !offsetsAlone) {
      this.options.onCommitted?.([]);
      return undefined;
    }
    const bytes = bytesOf(records);
    const { positions: offsets, notes } = tasks;
    records.push(checkpoints.record(applicationId, { offsets, notes, topicIds: this.#topicIds, madeBy }, nowMs));
    const consumed = { groupId: applicationId, offsets: offsets.map((place) => ({ ...place, metadata: '' })) };
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
    this.options.onCommitted?.(withoutRefused(records, refused));
    const notTaken = refused.filter(({ topic }) => topic === this.options.sinkTopic).length;
    const resultCount = countRecords(results) - notTaken;
    return { records: count - refused.length, results: resultCount, refused: refused.length, bytes };
  }

  #partitioned(results: readonly TopicRecords[]): readonly TopicRecords[] {
    const { sinkWindowBytes: windowBytes } = this.options;
    return windowBytes === 0 ? results : results.map((records) => ({ ...records, windowBytes }));
  }

  #addChanges(tasks: QueryTasks, nowMs: number, records: (WriteRecord | TopicRecords)[]): void {
    for (const { topology, partition } of tasks.all) {
      for (const store of topology.stores) {
        if (!store.hasChangelog) continue;
        const topic = changelogTopic(this.options.applicationId, store.name);
        for (const change of store.takeChanges()) {
          const { key, value } = store.encode(change);
          // The row's own time is part of its bytes; the broker takes no time that is far ahead of its clock.
          const timestamp = Math.min(change.entry?.timestamp ?? 0, nowMs);
          records.push({ topic, partition, key, value, timestamp, headers: [] });
        }
      }
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

  async #bytesMax(topic: string): Promise<number> {
    const known = this.#bytesMaxByTopic.get(topic) ?? (await this.options.broker.recordBytesMax(topic));
    this.#bytesMaxByTopic.set(topic, known);
    return known;
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
    this.onRefused();
    this.options.onLog(entry);
    if (kind === 'state') this.errors.keep(entry.message);
    const letter = kind === 'result' ? this.options.deadLetter(entry) : undefined;
    if (letter === undefined) return [];
    const { topic, timestamp, headers } = letter;
    const { key, value } = refused;
    return [{ topic, records: RecordColumns.of([{ key, value, timestamp, headers }]) }];
  }
}

function bytesOf(batch: WriteBatch): number {
  let bytes = 0;
  for (const entry of batch)
    bytes += 'records' in entry ? contentBytes(entry.records) : (entry.key?.length ?? 0) + (entry.value?.length ?? 0);
  return bytes;
}
