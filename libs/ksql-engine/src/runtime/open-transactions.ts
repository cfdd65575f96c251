import type { FetchedPartition, TopicPartition } from '../ports/broker.js';

/** Transactions that end in time do not count; Kafka's own limit for one is a minute unless its producer asks for more. */
const SAID_AFTER_MS = 20_000;

interface Wait extends TopicPartition {
  readonly stableOffset: number;
  readonly sinceMs: number;
  /** When it was seen last: a partition that is not asked for may have moved. */
  seenMs: number;
}

/** A partition whose records cannot be read yet. */
export interface TransactionWait extends TopicPartition {
  readonly waitedMs: number;
}

/**
 * Notices partitions that stand still behind a transaction nobody ends: all up to the last stable offset was read, that offset does not
 * move, and there are records behind it.
 */
export class OpenTransactions {
  readonly #waits = new Map<string, Wait>();

  note(parts: readonly FetchedPartition[], nowMs: number): void {
    for (const { topic, partition, nextOffset, endOffset, highWatermark } of parts) {
      const place = `${topic}-${partition}`;
      const wait = this.#waits.get(place);
      if (nextOffset < endOffset || highWatermark <= endOffset) this.#waits.delete(place);
      else if (wait?.stableOffset === endOffset) wait.seenMs = nowMs;
      else this.#waits.set(place, { topic, partition, stableOffset: endOffset, sinceMs: nowMs, seenMs: nowMs });
    }
  }

  /** The wait that is longest, once it is too long for a transaction that somebody is about to end. */
  longest(): TransactionWait | undefined {
    let longest: TransactionWait | undefined;
    for (const { topic, partition, sinceMs, seenMs } of this.#waits.values()) {
      const waitedMs = seenMs - sinceMs;
      if (waitedMs >= SAID_AFTER_MS && waitedMs > (longest?.waitedMs ?? -1)) longest = { topic, partition, waitedMs };
    }
    return longest;
  }
}
