import { KsqlError, KsqlUnavailableError } from './errors.js';
import type { RowEvent, RowReader } from './row-lines.js';
import type { Column } from './sql-type.js';

export interface RunningQueryParts<T> {
  readonly reader: RowReader;
  readonly toItem: (event: RowEvent) => T;
  /** Asks the server to end the query; best effort. */
  readonly closeOnServer: (queryId: string) => Promise<void>;
  /** Cuts the connection, which ends the query as well. */
  readonly abort: () => void;
  readonly address: string;
  readonly signal: AbortSignal | undefined;
}

/**
 * A push query under way: iterate it once with `for await`. The next row is read when it is asked for, so a slow
 * reader holds the server back. Leaving the loop, `close()` or the abort signal ends the query on the server too.
 */
export class RunningPushQuery<T> implements AsyncIterable<T> {
  readonly queryId: string | null;
  readonly columns: readonly Column[];
  readonly #parts: RunningQueryParts<T>;
  #isOver = false;

  constructor(parts: RunningQueryParts<T>) {
    this.#parts = parts;
    this.queryId = parts.reader.header.queryId;
    this.columns = parts.reader.header.columns;
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<T> {
    try {
      for await (const event of this.#parts.reader.events) yield this.#parts.toItem(event);
      this.#isOver = true;
    } catch (error) {
      if (this.#isOver) return; // closed by us while a row was awaited
      this.#isOver = true;
      if (error instanceof KsqlError) throw error;
      if (this.#parts.signal?.aborted) throw this.#parts.signal.reason;
      throw new KsqlUnavailableError(this.#parts.address, 'connection lost during a query', error);
    } finally {
      await this.close();
    }
  }

  /** Ends the query; safe to call at any time and more than once. */
  async close(): Promise<void> {
    if (this.#isOver) return;
    this.#isOver = true;
    if (this.queryId !== null) await this.#parts.closeOnServer(this.queryId);
    this.#parts.abort();
  }
}
