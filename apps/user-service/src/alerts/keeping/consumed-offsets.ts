import { RetryLaterError } from '@isobar/kafka';
import type { EntityManager } from 'typeorm';
import type { Database } from '../../database/database.js';

export const alertsGroup = 'user-service-alerts';

/**
 * How far the signals were taken, kept with what came of them. Each assignment of a partition begins a generation; a member that lost the
 * partition to another one has an older one and writes nothing.
 */
export class ConsumedOffsets {
  private readonly generations = new Map<string, string>();

  constructor(private readonly database: Database) {}

  /**
   * Begins a generation.
   *
   * @param endOffset of the partition, where it is known: one before what was taken belongs to a topic that was made again, and nothing of that
   *   was taken yet
   * @returns where to go on; undefined where nothing was taken yet
   */
  async claim(topic: string, partition: number, endOffset?: bigint): Promise<bigint | undefined> {
    const row = await this.database.transaction(async (manager) => {
      const [claimed]: { next_offset: string; generation: string }[] = await manager.query(
        `INSERT INTO consumed_offsets (consumer_group, topic, partition, next_offset, generation)
         VALUES ($1, $2, $3, -1, 1)
         ON CONFLICT (consumer_group, topic, partition) DO UPDATE SET generation = consumed_offsets.generation + 1
         RETURNING next_offset, generation`,
        [alertsGroup, topic, partition],
      );
      if (claimed === undefined || endOffset === undefined || BigInt(claimed.next_offset) <= endOffset) return claimed;
      await this.advance(manager, topic, partition, -1n);
      await forgetOffsets(manager, `${topic}/${partition}`);
      return { ...claimed, next_offset: '-1' };
    });
    if (row === undefined) return undefined;
    this.generations.set(`${topic}/${partition}`, row.generation);
    return row.next_offset === '-1' ? undefined : BigInt(row.next_offset);
  }

  /**
   * Locks the partition until the end of the transaction.
   *
   * @returns the first offset that was not taken yet
   * @throws RetryLaterError when another member has it; it is claimed anew, should the records come again
   */
  async lock(manager: EntityManager, topic: string, partition: number): Promise<bigint> {
    const name = `${topic}/${partition}`;
    const [row]: { next_offset: string; generation: string }[] = await manager.query(
      `SELECT next_offset, generation FROM consumed_offsets
       WHERE consumer_group = $1 AND topic = $2 AND partition = $3 FOR UPDATE`,
      [alertsGroup, topic, partition],
    );
    if (row !== undefined && row.generation === this.generations.get(name)) return BigInt(row.next_offset);
    this.generations.delete(name);
    throw new RetryLaterError(`${name} belongs to another member now`);
  }

  isClaimed(topic: string, partition: number): boolean {
    return this.generations.has(`${topic}/${partition}`);
  }

  async advance(manager: EntityManager, topic: string, partition: number, nextOffset: bigint): Promise<void> {
    await manager.query(
      'UPDATE consumed_offsets SET next_offset = $4 WHERE consumer_group = $1 AND topic = $2 AND partition = $3',
      [alertsGroup, topic, partition, nextOffset.toString()],
    );
  }
}

/** States remember offsets, too. As everywhere the rules are locked first, in the order of their ids. */
async function forgetOffsets(manager: EntityManager, partition: string): Promise<void> {
  await manager.query(
    `SELECT FROM alert_rules WHERE id IN (SELECT rule_id FROM alert_states WHERE state->'offsets' ? $1)
     ORDER BY id FOR NO KEY UPDATE`,
    [partition],
  );
  for (const table of ['alert_states', 'limit_states'])
    await manager.query(`UPDATE ${table} SET state = state #- ARRAY['offsets', $1] WHERE state->'offsets' ? $1`, [
      partition,
    ]);
}
