import { setTimeout as sleep } from 'node:timers/promises';
import { BackOff } from '../back-off.js';
import type { KafkaClientOptions } from '../kafka-client.js';
import type { IncomingRecord } from './incoming-record.js';
import { TopicReader } from './topic-reader.js';

/** Batches that compaction has emptied bring nothing: fetches that do so for a while are the only sign of the end. */
const endWithoutRecordsMs = 2_000;

/**
 * Reads a topic from its beginning to where it ends now, and hands each record over once, in the order of its partition. Goes on
 * after a failure while the broker comes back; needs no group.
 *
 * @param giveUpMs how long the broker may be away without anything read
 * @returns the number of records read
 * @throws when no broker answers for that long, or the topic does not exist
 */
export async function readTopic(
  options: KafkaClientOptions,
  topic: string,
  onRecord: (record: IncomingRecord) => void,
  giveUpMs = 10_000,
): Promise<number> {
  const reading = new Reading(topic, onRecord);
  const backOff = new BackOff();
  for (;;) {
    const reader = new TopicReader(options, topic);
    try {
      await reading.readOn(reader);
      return reading.count;
    } catch (error) {
      backOff.failed();
      if (error instanceof MissingTopicError || performance.now() - reading.progressAtMs > giveUpMs) throw error;
    } finally {
      void reader.close().catch(() => undefined);
    }
    await backOff.pause(AbortSignal.timeout(giveUpMs));
  }
}

class MissingTopicError extends Error {
  override readonly name = 'MissingTopicError';
  readonly code = 'TOPIC_MISSING';
}

class Reading {
  count = 0;
  progressAtMs = performance.now();
  private readonly positions = new Map<number, bigint>();
  private ends: Map<number, bigint> | undefined;

  constructor(
    private readonly topic: string,
    private readonly onRecord: (record: IncomingRecord) => void,
  ) {}

  async readOn(reader: TopicReader): Promise<void> {
    const bounds = await reader.bounds();
    if (bounds === undefined) throw new MissingTopicError(`There is no topic ${this.topic}.`);
    this.ends ??= new Map([...bounds.partitions].map(([partition, { high }]) => [partition, high]));
    for (const partition of this.ends.keys()) {
      const low = bounds.partitions.get(partition)?.low ?? 0n;
      const next = this.positions.get(partition);
      if (next === undefined || next < low) this.positions.set(partition, low);
    }
    this.dropFinished(this.ends);
    for (let emptyAtMs: number | undefined; this.positions.size > 0;) {
      const hasAny = await reader.fetch(this.positions, (records) => this.take(records));
      const nowMs = performance.now();
      if (hasAny) {
        this.progressAtMs = nowMs;
        emptyAtMs = undefined;
      } else {
        emptyAtMs ??= nowMs;
        if (nowMs - emptyAtMs > endWithoutRecordsMs) return;
        await sleep(50);
      }
      this.dropFinished(this.ends);
    }
  }

  private take(records: readonly IncomingRecord[]): void {
    for (const record of records) {
      const end = this.ends?.get(record.partition);
      if (end === undefined || BigInt(record.offset) >= end) return;
      this.count += 1;
      this.onRecord(record);
      // After a failure in the middle the rest comes again, not what was handed over.
      this.positions.set(record.partition, BigInt(record.offset) + 1n);
    }
  }

  private dropFinished(ends: Map<number, bigint>): void {
    for (const [partition, next] of this.positions) {
      if (next < (ends.get(partition) ?? 0n)) continue;
      this.positions.delete(partition);
      ends.delete(partition);
    }
  }
}
