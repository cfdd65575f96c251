import { topics } from '@isobar/contracts';
import { DeadLetterHeaders } from '@isobar/kafka/dead-letter';
import type { DeadLetter, ProcessingLogEntry } from '@isobar/ksql-engine';

/** The dead letters of what queries could not handle. */
export class DeadLetters {
  private readonly headers = new DeadLetterHeaders();
  private readonly services = new Map<string, string>();
  private withoutOffset = 0;

  constructor(private readonly nowMs: () => number) {}

  /** Undefined for entries that are about no record. */
  of({ record, topic, partition, offset, queryId, message, cause }: ProcessingLogEntry): DeadLetter | undefined {
    if (!record || topic === undefined || partition === undefined) return undefined;
    const { timestamp: timestampMs, headers } = record;
    const atMs = this.nowMs();
    const own = this.headers.of({
      topic,
      partition,
      // What was never written has no offset; the letter's id must still be its own.
      offset: offset ?? `refused-${atMs}-${this.withoutOffset++}`,
      timestampMs,
      service: this.serviceOf(queryId),
      // The message ends with the outermost cause.
      reason: cause.length > 1 ? `${message}: ${cause.slice(1).join('; ')}` : message,
      atMs,
    });
    const kept = headers.length === 0 ? headers : headers.filter((header) => !DeadLetterHeaders.isOwn(header.key));
    const all = kept.length === 0 ? own : [...kept, ...own];
    return { topic: topics.deadLetters.name, timestamp: atMs, headers: all };
  }

  private serviceOf(queryId: string): string {
    const service = this.services.get(queryId) ?? `ksql-server ${queryId}`;
    this.services.set(queryId, service);
    return service;
  }
}
