import type { ProcessingLogEntry } from '@isobar/ksql-engine';
import type { Logger } from 'pino';

const LINES_MAX = 10;
const WINDOW_MS = 10_000;
const CAUSES_SHOWN = 3;

/**
 * Writes what went wrong with records: the first lines of each query and kind of trouble in full, then their number. Garbage by the
 * million must cost neither the time to write lines nor a full disk.
 */
export class ProcessingLog {
  /** How many of each kind, by query. */
  readonly #seen = new Map<string, Map<ProcessingLogEntry['type'], number>>();
  readonly #timer: NodeJS.Timeout;

  constructor(private readonly log: Logger) {
    this.#timer = setInterval(() => this.#tellLeftOut(), WINDOW_MS).unref();
  }

  append(entry: ProcessingLogEntry): void {
    const { type, queryId } = entry;
    let seen = this.#seen.get(queryId);
    if (!seen) this.#seen.set(queryId, (seen = new Map()));
    const count = (seen.get(type) ?? 0) + 1;
    seen.set(type, count);
    if (count > LINES_MAX) return;
    const { message, topic, partition, offset, target, cause } = entry;
    this.log.warn({ type, queryId, topic, partition, offset, target, cause: cause.slice(0, CAUSES_SHOWN) }, message);
  }

  close(): void {
    clearInterval(this.#timer);
    this.#tellLeftOut();
  }

  #tellLeftOut(): void {
    for (const [queryId, counts] of this.#seen) {
      for (const [type, count] of counts) {
        const leftOut = count - LINES_MAX;
        if (leftOut > 0) this.log.warn({ type, queryId, leftOut }, `${leftOut} more lines like these were left out`);
      }
    }
    this.#seen.clear();
  }
}
