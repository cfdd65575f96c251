import { RetryLaterError, type IncomingRecord } from '@isobar/kafka';
import { Problem } from '@isobar/service-kit';
import type { EntityManager } from 'typeorm';
import { refusalOf } from '../../database/constraint-problems.js';
import type { Database } from '../../database/database.js';
import type { ConsumedOffsets } from '../keeping/consumed-offsets.js';

/**
 * What comes of records, and how far they were read, in one transaction.
 *
 * @param records of one partition, in order; those that were taken before are skipped
 * @returns how many were new
 * @throws RetryLaterError while the database is away or cannot do its work, or another member has the partition
 */
export async function takeOnce(
  database: Database,
  offsets: ConsumedOffsets,
  records: readonly IncomingRecord[],
  apply: (manager: EntityManager, fresh: readonly IncomingRecord[]) => Promise<void>,
): Promise<number> {
  const [first] = records;
  const last = records.at(-1);
  if (first === undefined || last === undefined) return 0;
  const { topic, partition } = first;
  try {
    if (!offsets.isClaimed(topic, partition)) await offsets.claim(topic, partition);
    return await database.transaction(async (manager) => {
      const from = await offsets.lock(manager, topic, partition);
      const fresh = records.filter(({ offset }) => BigInt(offset) >= from);
      if (fresh.length === 0) return 0;
      await apply(manager, fresh);
      await offsets.advance(manager, topic, partition, BigInt(last.offset) + 1n);
      return fresh.length;
    });
  } catch (error) {
    if (error instanceof Problem && [409, 503].includes(error.getStatus())) throw new RetryLaterError(error.message);
    if (isOfDatabase(error)) throw new RetryLaterError(`the database refuses: ${String(error)}`);
    throw error;
  }
}

/**
 * A refusal that is about no record: the database is read-only, out of room, without a table or a right. Records that were set aside for it would
 * be lost to everybody. Classes 22 and 23 (PostgreSQL, appendix A) are about values.
 */
function isOfDatabase(error: unknown): boolean {
  const refusal = refusalOf(error);
  return refusal !== undefined && !/^2[23]/.test(String(refusal.code));
}
