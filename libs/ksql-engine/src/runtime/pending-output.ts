import type { TopicRecords } from '../ports/broker.js';
import type { DeadLetter, ProcessingLogEntry } from '../ports/ports.js';
import { contentBytes, recordBytesAt } from '../ports/record-bytes.js';
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
  /** What letters keep in memory. */
  readonly #held = new Set<ArrayBufferLike>();
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
    return this.size >= RECORDS_MAX || this.#bytes + (this.#newest?.bytes ?? 0) >= BYTES_MAX;
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
    const at = records.length - 1;
    this.#bytes += Math.max(recordBytesAt(records, at), this.#newlyHeld((records.buffers[at] as Buffer).buffer));
  }

  take(): { readonly results: readonly TopicRecords[]; readonly letters: readonly TopicRecords[] } {
    const { sinkTopic } = this;
    const parts = this.#newest === undefined ? this.#results : [this.#newest.take()];
    const results = sinkTopic === undefined ? [] : parts.map((records) => ({ topic: sinkTopic, records }));
    const letters = this.#letters;
    this.clear();
    return { results, letters };
  }

  /** The bytes that a letter keeps in memory and no earlier one does: of all that was fetched together with it. */
  #newlyHeld(memory: ArrayBufferLike): number {
    if (this.#held.has(memory)) return 0;
    this.#held.add(memory);
    return memory.byteLength;
  }

  clear(): void {
    this.#held.clear();
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

/** So many records that were replaced, or bytes, are not worth the work of letting them go. */
const REPLACED_MIN = 1_024;
const REPLACED_BYTES_MIN = 1024 * 1024;

/** The newest record of each key, each at its own place in the order; of those that were replaced no more are kept than of these. */
class NewestByKey {
  #records = new RecordColumns();
  #isReplaced: boolean[] = [];
  readonly #places = new Map<string, number>();
  #bytes = 0;
  /** Then what was replaced is let go. */
  #bytesMax = REPLACED_BYTES_MIN;

  get size(): number {
    return this.#places.size;
  }

  /** Of all that is kept. */
  get bytes(): number {
    return this.#bytes;
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
    this.#bytes += contentBytes(records);
    if (this.#records.length > 2 * this.size + REPLACED_MIN || this.#bytes > this.#bytesMax) this.#letGo();
  }

  take(): RecordColumns {
    this.#letGo();
    return this.#records;
  }

  /** Of what was replaced nothing is kept, its bytes neither. */
  #letGo(): void {
    const kept = new RecordColumns(this.size);
    const places: number[] = [];
    for (let i = 0; i < this.#records.length; i++) {
      places.push(kept.length);
      if (this.#isReplaced[i] === false) kept.appendFrom(this.#records, i);
    }
    for (const [key, place] of this.#places) this.#places.set(key, places[place] as number);
    this.#records = kept;
    this.#isReplaced = new Array<boolean>(kept.length).fill(false);
    this.#bytes = contentBytes(kept);
    this.#bytesMax = 2 * this.#bytes + REPLACED_BYTES_MIN;
  }
}
