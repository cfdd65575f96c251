import type { TopicRecords, WriteRecord } from '../ports/broker.js';
import type { ProcessingLogEntry } from '../ports/ports.js';
import { RecordColumns } from '../ports/record-columns.js';

/** What a topology tells while it works; the runtime collects it for the next commit. */
export interface TopologyHooks {
  /** They are the hook's to keep, and to change. */
  onSink(records: RecordColumns): void;
  onLog(entry: ProcessingLogEntry): void;
}

/** What a topology said since the last commit. */
export class PendingOutput implements TopologyHooks {
  #results: RecordColumns[] = [];
  #resultCount = 0;
  #newest: NewestByKey | undefined;
  #letters: WriteRecord[] = [];

  constructor(
    private readonly sinkTopic: string | undefined,
    /** Whether the newest record of each key is enough. */
    private readonly coalesces: boolean,
    /** Tells of what could not be handled; gives its dead letter, if there is to be one. */
    private readonly report: (entry: ProcessingLogEntry) => WriteRecord | undefined,
  ) {}

  get size(): number {
    return this.#resultCount + (this.#newest?.size ?? 0) + this.#letters.length;
  }

  onSink(records: RecordColumns): void {
    if (this.coalesces) {
      this.#newest ??= new NewestByKey();
      this.#newest.add(records);
    } else {
      this.#results.push(records);
      this.#resultCount += records.length;
    }
  }

  onLog(entry: ProcessingLogEntry): void {
    const letter = this.report(entry);
    if (letter) this.#letters.push(letter);
  }

  take(): { readonly results: readonly TopicRecords[]; readonly letters: readonly WriteRecord[] } {
    const { sinkTopic } = this;
    const parts = this.#newest === undefined ? this.#results : [this.#newest.take()];
    const results = sinkTopic === undefined ? [] : parts.map((records) => ({ topic: sinkTopic, records }));
    const letters = this.#letters;
    this.clear();
    return { results, letters };
  }

  clear(): void {
    this.#results = [];
    this.#resultCount = 0;
    this.#newest = undefined;
    this.#letters = [];
  }
}

/** The newest record of each key, each at its own place in the order. */
class NewestByKey {
  readonly #records = new RecordColumns();
  readonly #isReplaced: boolean[] = [];
  readonly #places = new Map<string, number>();

  get size(): number {
    return this.#places.size;
  }

  add(records: RecordColumns): void {
    const { buffers, keyStarts, keyEnds } = records;
    for (let i = 0; i < records.length; i++) {
      const start = keyStarts[i] as number;
      const key = start < 0 ? '' : (buffers[i] as Buffer).toString('latin1', start, keyEnds[i]);
      const older = this.#places.get(key);
      if (older !== undefined) this.#isReplaced[older] = true;
      this.#places.set(key, this.#records.length);
      this.#isReplaced.push(false);
      this.#records.appendFrom(records, i);
    }
  }

  take(): RecordColumns {
    this.#records.retain((index) => this.#isReplaced[index] === false);
    return this.#records;
  }
}
