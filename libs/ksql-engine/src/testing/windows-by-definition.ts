import { murmur2 } from '../adapters/kafka/murmur2.js';
import type { FetchedRecord } from '../ports/record-columns.js';

/** A result of tumbling windows as its record says it. */
export interface WindowCount {
  /** `a@60000`: key and start of the window, ms. */
  readonly window: string;
  readonly partition: number;
  /** Where its key alone belongs. */
  readonly partitionOfKey: number;
  readonly count: number;
}

const START_BYTES = 8;

/** The partition of a key among so many. */
export const partitionOf = (key: string, partitions: number): number =>
  (murmur2(Buffer.from(key)) & 0x7fff_ffff) % partitions;

/** Records of `SELECT k, COUNT(*) AS n … WINDOW TUMBLING`, whose topic has so many partitions. */
export function windowCounts(records: readonly FetchedRecord[], partitions: number): readonly WindowCount[] {
  return records.map((record) => {
    const bytes = Buffer.from(record.key ?? []);
    const key = bytes.subarray(0, -START_BYTES).toString();
    const start = Number(bytes.readBigInt64BE(bytes.length - START_BYTES));
    const { N } = JSON.parse(Buffer.from(record.value ?? []).toString()) as { N: number };
    return {
      window: `${key}@${start}`,
      partition: record.partition,
      partitionOfKey: partitionOf(key, partitions),
      count: N,
    };
  });
}

/**
 * What tumbling windows count, by definition: each partition has a stream time, the newest time that it has seen, and a window takes nothing
 * once that has passed its end and grace. The records come in the order of their partitions.
 */
export function countedWindows(
  input: readonly Pick<FetchedRecord, 'key' | 'partition' | 'timestamp'>[],
  sizeMs: number,
  graceMs: number,
): Readonly<Record<string, number>> {
  const times = new Map<number, number>();
  const counts: Record<string, number> = {};
  for (const { key, partition, timestamp } of input) {
    const time = Math.max(times.get(partition) ?? -1, timestamp);
    times.set(partition, time);
    const start = Math.floor(timestamp / sizeMs) * sizeMs;
    if (start + sizeMs + graceMs <= time) continue;
    const window = `${Buffer.from(key ?? []).toString()}@${start}`;
    counts[window] = (counts[window] ?? 0) + 1;
  }
  return counts;
}
