import type { KafkaClientOptions } from '@isobar/kafka';
import { KeptAdmin } from '@isobar/kafka';
import type { Database } from '../../database/database.js';
import { alertsGroup } from '../keeping/consumed-offsets.js';

/** So long nothing may have come and nothing may have been taken. */
const stillMs = 5_000;
/** The brokers are asked no more often. */
const lookMs = 2_500;
/** What was seen before is no start of a silence when nobody has looked for so long. */
const oldMs = 10_000;

/**
 * Whether all that the queries wrote was taken: only then silence means something. Ends of topics cannot be compared with what was taken, since
 * marks of transactions have offsets too; what can be seen is that neither of them moves while this member is at work.
 */
export class CaughtUp {
  private readonly admin: KeptAdmin;
  private before = '';
  private sinceMs = 0;
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
      const isOld = nowMs - this.lookedMs > oldMs;
      const seen = await this.positions();
      if (isOld || seen !== this.before || this.trouble() !== undefined) this.sinceMs = nowMs;
      this.before = seen;
      this.lookedMs = nowMs;
    }
    return this.lookedMs - this.sinceMs >= stillMs;
  }

  close(): Promise<void> {
    return this.admin.close();
  }

  private async positions(): Promise<string> {
    const ends = await this.admin.use((admin) =>
      Promise.all(this.topics.map(async (topic) => [topic, await admin.fetchTopicOffsets(topic)])),
    );
    const taken: unknown = await this.database.read((manager) =>
      manager.query(
        'SELECT topic, partition, next_offset FROM consumed_offsets WHERE consumer_group = $1 ORDER BY topic, partition',
        [alertsGroup],
      ),
    );
    return JSON.stringify([ends, taken]);
  }
}
