import type { KafkaClientOptions } from '@isobar/kafka';
import { KeptAdmin } from '@isobar/kafka';
import type { Database } from '../../database/database.js';
import { alertsGroup } from '../keeping/consumed-offsets.js';
import { ReadProgress, type PartitionLook } from './read-progress.js';

/** The brokers are asked no more often. */
const lookMs = 2_500;

/** Looks how far the signals were taken of all that the queries wrote: only then silence means something. */
export class CaughtUp {
  private readonly admin: KeptAdmin;
  private readonly progress = new ReadProgress();
  private lookedMs = 0;

  constructor(
    kafka: KafkaClientOptions,
    private readonly topics: readonly string[],
    private readonly database: Database,
    /** Why this member takes nothing, or undefined. */
    private readonly trouble: () => string | undefined,
  ) {
    this.admin = new KeptAdmin(kafka);
  }

  async look(nowMs: number): Promise<boolean> {
    if (nowMs - this.lookedMs >= lookMs) {
      this.progress.look(nowMs, await this.partitions(), this.trouble() !== undefined);
      this.lookedMs = nowMs;
    }
    return this.progress.isCaughtUp(nowMs);
  }

  close(): Promise<void> {
    return this.admin.close();
  }

  private async partitions(): Promise<readonly PartitionLook[]> {
    const ends = await this.admin.use((admin) =>
      Promise.all(this.topics.map(async (topic) => ({ topic, partitions: await admin.fetchTopicOffsets(topic) }))),
    );
    const rows = await this.database.read(
      (manager): Promise<{ name: string; next_offset: string; generation: string }[]> =>
        manager.query(
          `SELECT topic || '/' || partition AS name, next_offset, generation FROM consumed_offsets WHERE consumer_group = $1`,
          [alertsGroup],
        ),
    );
    const taken = new Map(rows.map((row) => [row.name, row]));
    return ends.flatMap(({ topic, partitions }) =>
      partitions.map(({ partition, offset }) => {
        const name = `${topic}/${partition}`;
        const { next_offset: next = '-1', generation = '0' } = taken.get(name) ?? {};
        return { name, endOffset: BigInt(offset), takenOffset: next === '-1' ? 0n : BigInt(next), generation };
      }),
    );
  }
}
