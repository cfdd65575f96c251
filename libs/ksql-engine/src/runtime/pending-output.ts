import type { TopicRecords } from '../ports/broker.js';
import type { DeadLetter, ProcessingLogEntry } from '../ports/ports.js';
import { recordBytesAt } from '../ports/record-bytes.js';
import { FetchedRecordInPlace, RecordColumns, type RecordParts } from '../ports/record-columns.js';

/** So many records, or so many bytes of them, are committed before more are taken: letters hold whole values, of whatever size. */
const RECORDS_MAX = 50_000;
const BYTES_MAX = 16 * 1024 * 1024;

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
  #letters: TopicRecords[] = [];
  #letterCount = 0;
  #bytes = 0;

  constructor(
    private readonly sinkTopic: string | undefined,
    /** Whether the newest record of each key is enough. */
    private readonly coalesces: boolean,
    /** Tells of what could not be handled; gives its dead letter, if there is to be one. */
    private readonly report: (entry: ProcessingLogEntry) => DeadLetter | undefined,
  ) {}

  get size(): number {
    return this.#resultCount + (this.#newest?.size ?? 0) + this.#letterCount;
  }

  /** Whether it is time to commit, however long ago the last commit was. */
  get isFull(): boolean {
    return this.size >= RECORDS_MAX || this.#bytes >= BYTES_MAX;
  }

  onSink(records: RecordColumns): void {
    if (this.coalesces) {
      this.#newest ??= new NewestByKey();
      this.#newest.add(records);
    } else {
      this.#results.push(records);
      this.#resultCount += records.length;
      this.#bytes += contentBytes(records);
    }
  }

  onLog(entry: ProcessingLogEntry): void {
    const letter = this.report(entry);
    if (letter === undefined || entry.record === undefined) return;
    let letters = this.#letters.at(-1);
    if (letters?.topic !== letter.topic) {
      letters = { topic: letter.topic, records: new RecordColumns() };
      this.#letters.push(letters);
    }
    const { records } = letters;
    addLetter(records, letter, entry.record);
    this.#letterCount++;
    this.#bytes += recordBytesAt(records, records.length - 1);
  }

  take(): { readonly results: readonly TopicRecords[]; readonly letters: readonly TopicRecords[] } {
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
    this.#letterCount = 0;
    this.#bytes = 0;
  }
}

/** What a fetch brought stays where it is. */
function addLetter(letters: RecordColumns, { timestamp, headers }: DeadLetter, record: RecordParts): void {
  if (record instanceof FetchedRecordInPlace) record.appendTo(letters, timestamp, headers);
  else letters.add({ key: record.key, value: record.value, timestamp, headers });
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

function contentBytes({ length, keyStarts, keyEnds, valueStarts, valueEnds }: RecordColumns): number {
  let bytes = 0;
  for (let i = 0; i < length; i++) {
    const [keyStart, valueStart] = [keyStarts[i] as number, valueStarts[i] as number];
    if (keyStart >= 0) bytes += (keyEnds[i] as number) - keyStart;
    if (valueStart >= 0) bytes += (valueEnds[i] as number) - valueStart;
  }
  return bytes;
}
