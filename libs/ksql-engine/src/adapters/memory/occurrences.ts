/** What may occur on a cluster besides that all goes well. A simulation in which one of these never occurs has not tried it. */
export const OCCURRENCES = [
  'transactionCommitted',
  'transactionAborted',
  'transactionTimedOut',
  /** A request of a producer that another one has taken the place of. */
  'writerFenced',
  /** A producer that begins while the markers of its last transaction are still being written. */
  'markersAwaited',
  /** Offsets asked for while a transaction that sets them is undecided. */
  'offsetsAwaited',
  'offsetExpired',
  'recordsDeleted',
  'offsetOutOfRange',
  'recordRefused',
  /** A request that some partitions took and others did not. */
  'partlyProduced',
  'leaderMoved',
  'leaderStale',
  'partitionsAdded',
  'topicReplaced',
  'requestLost',
  'answerLost',
  'requestLate',
  'clientStopped',
  'clientFrozen',
] as const;

export type Occurrence = (typeof OCCURRENCES)[number];

/** Counts what occurred. */
export class Occurrences {
  readonly #counts = new Map<Occurrence, number>();

  add(occurrence: Occurrence, times = 1): void {
    this.#counts.set(occurrence, this.count(occurrence) + times);
  }

  count(occurrence: Occurrence): number {
    return this.#counts.get(occurrence) ?? 0;
  }
}
