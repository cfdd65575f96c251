import { hash } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import type { KafkaBroker } from '@isobar/ksql-engine/kafka';

/** What a result topic holds, in a form that can be compared. */
export interface OutputDigest {
  /** Rows of a stream; live keys of a table. */
  readonly rows: number;
  /** Records in the topic; a table may need fewer or more of them for the same rows. */
  readonly records: number;
  /** Sum of the hashes of all rows: the order does not matter, every byte and timestamp does. */
  readonly checksum: string;
}

const SETTLED_AFTER_MS = 2_000;

/** Reads a result topic as committed: every row of a stream, the newest row of each key of a table. */
export async function digestTopic(broker: KafkaBroker, topic: string, isTable: boolean): Promise<OutputDigest> {
  const bounds = await settledBounds(broker, topic);
  const reader = await broker.openReader(bounds.map(({ partition, start }) => ({ topic, partition, offset: start })));
  const open = new Map(bounds.filter(({ start, end }) => end > start).map(({ partition, end }) => [partition, end]));
  const newest = new Map<string, string>();
  let sum = 0n;
  let rows = 0;
  let records = 0;
  while (open.size > 0) {
    for (const part of await reader.poll(500)) {
      for (const { key, value, timestamp } of part.records) {
        records++;
        const keyText = Buffer.from(key ?? []).toString('latin1');
        const row = `${keyText}|${value === null ? '' : Buffer.from(value).toString('latin1')}|${timestamp}`;
        if (isTable) newest.set(keyText, value === null ? '' : row);
        else {
          rows++;
          sum += hashOf(row);
        }
      }
      const end = open.get(part.partition);
      if (end !== undefined && part.nextOffset >= end) open.delete(part.partition);
    }
  }
  await reader.close();
  for (const row of newest.values()) {
    if (row === '') continue;
    rows++;
    sum += hashOf(row);
  }
  return { rows, records, checksum: (sum & ((1n << 64n) - 1n)).toString(16).padStart(16, '0') };
}

/** The markers of a committed transaction reach its partitions a moment after the commit. */
async function settledBounds(broker: KafkaBroker, topic: string): ReturnType<KafkaBroker['bounds']> {
  let bounds = await broker.bounds(topic);
  for (let ends = ''; ends !== JSON.stringify(bounds);) {
    ends = JSON.stringify(bounds);
    await delay(SETTLED_AFTER_MS);
    bounds = await broker.bounds(topic);
  }
  return bounds;
}

const hashOf = (row: string): bigint => BigInt(`0x${hash('sha1', row, 'hex').slice(0, 16)}`);
