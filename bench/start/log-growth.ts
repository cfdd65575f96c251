import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';

/** Where a broker keeps what groups and transactions have come to. */
const INTERNAL = /^__(consumer_offsets|transaction_state)-\d+$/;

/** The size of each segment of the broker's logs of offsets and transactions, bytes. */
export function internalSegments(kafkaFolder: string): ReadonlyMap<string, number> {
  const segments = new Map<string, number>();
  for (const folder of readdirSync(kafkaFolder)) {
    if (!INTERNAL.test(folder)) continue;
    for (const file of readdirSync(join(kafkaFolder, folder))) {
      if (!file.endsWith('.log')) continue;
      const path = join(kafkaFolder, folder, file);
      segments.set(path, statSync(path).size);
    }
  }
  return segments;
}

/** What was written between two looks, bytes; a segment that was compacted meanwhile counts nothing. */
export function grownBytes(before: ReadonlyMap<string, number>, after: ReadonlyMap<string, number>): number {
  let grown = 0;
  for (const [path, bytes] of after) grown += Math.max(0, bytes - (before.get(path) ?? 0));
  return grown;
}
