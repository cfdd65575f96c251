import { KsqlError } from '../errors/sql-error.js';
import type { CommitTap } from './commit-watch.js';
import type { BrokerReader, FetchedPartition, WriteBatch } from '../ports/broker.js';
import { recordBytesAt } from '../ports/record-bytes.js';
import { FetchedRecords, RecordColumns } from '../ports/record-columns.js';

/** More results than this wait for no client. */
const WAITING_MAX = 100_000;
/** Nor more of their bytes. */
const WAITING_BYTES_MAX = 64 * 1024 * 1024;

/**
 * Reads what a running query commits from now on, without asking the broker: however many clients look at a query, its results are
 * fetched by none of them. Offsets count the records of this tap.
 */
export class ResultTap implements BrokerReader {
  #waiting = new FetchedRecords();
  #waitingBytes = 0;
  #nextOffset = 0;
  #failure: KsqlError | undefined;
  #wake: () => void = () => undefined;
  readonly #end: () => void;

  constructor(
    private readonly topic: string,
    /** Begins to tell of results; gives the way to end that. */
    tap: (tap: CommitTap) => () => void,
    /** Whether a record without a key is a row. */
    private readonly takesNullKeys: boolean,
  ) {
    this.#end = tap({
      onCommitted: (records) => this.#add(records),
      onEnd: (reason = 'The query whose results were followed has ended. Ask again if another one took its place.') =>
        this.#fail(reason),
    });
  }

  /** What waits is given all the same. */
  #fail(reason: string): void {
    this.#failure = new KsqlError(reason);
    this.#wake();
  }

  #add(records: WriteBatch): void {
    for (const entry of records) {
      const columns = 'records' in entry ? entry.records : RecordColumns.of([entry]);
      for (let i = 0; i < columns.length; i++) {
        if (columns.keyStarts[i] === -1 && !this.takesNullKeys) continue;
        this.#waiting.parts.appendFrom(columns, i);
        this.#waiting.place(0, this.#nextOffset++);
        this.#waitingBytes += recordBytesAt(columns, i);
      }
    }
    if (this.#waiting.length > WAITING_MAX || this.#waitingBytes > WAITING_BYTES_MAX) {
      this.#waiting = new FetchedRecords();
      this.#end();
      this.#fail(
        `More than ${WAITING_MAX} rows or ${WAITING_BYTES_MAX / 2 ** 20} MiB were waiting for this client, which reads more slowly than they come. ` +
          'Ask again, for fewer rows with a WHERE clause, or read the topic.',
      );
    }
    this.#wake();
  }

  /** @throws KsqlError when more is waiting than may wait, or the query has ended */
  async poll(maxWaitMs: number): Promise<readonly FetchedPartition[]> {
    if (this.#waiting.length === 0 && !this.#failure) {
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, maxWaitMs);
        this.#wake = () => {
          clearTimeout(timer);
          resolve();
        };
      });
    }
    if (this.#waiting.length === 0 && this.#failure) throw this.#failure;
    const records = this.#waiting;
    this.#waiting = new FetchedRecords();
    this.#waitingBytes = 0;
    return [
      {
        topic: this.topic,
        partition: 0,
        records,
        bytes: 0,
        nextOffset: this.#nextOffset,
        endOffset: this.#nextOffset,
        highWatermark: this.#nextOffset,
      },
    ];
  }

  /** Ends the wait of the poll under way. */
  interrupt(): void {
    this.#wake();
  }

  /** Committed rows can be read. */
  moveTo(): void {}

  close(): Promise<void> {
    this.#end();
    this.#wake();
    return Promise.resolve();
  }
}
