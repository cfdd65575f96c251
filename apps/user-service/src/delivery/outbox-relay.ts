import { userAlertV1, type EventRecord, type UserAlert } from '@isobar/contracts';
import type { Database } from '../database/database.js';
import { isOurTurn } from '../database/job-locks.js';

const pageSize = 500;
/** Less than the database lets a transaction rest. */
const sendMaxMs = 5_000;

/** A record for the topic; without a value it says that the person is gone. */
export type OutboxRecord = Omit<EventRecord, 'value'> & { readonly value: string | null };

interface OutboxRow {
  readonly id: string;
  readonly event_id: string;
  readonly user_id: string;
  readonly payload: UserAlert | null;
  readonly created_at_ms: string;
}

/**
 * Publishes the outbox: at least once, in the order in which each person was told. One replica at a time; a row goes when the broker has its
 * record, so that whoever is killed between the two leaves it to be sent again, with the same `event-id`.
 */
export class OutboxRelay {
  /** Records that the broker has not answered yet: what is tried again waits for them and is not sent beside them. */
  private readonly underWay = new Map<string, Promise<void>>();

  /** @param send resolves when the broker has the record; undefined: there are no brokers, and what is there stays */
  constructor(
    private readonly database: Database,
    private readonly send: ((record: OutboxRecord) => Promise<void>) | undefined,
  ) {}

  get isOn(): boolean {
    return this.send !== undefined;
  }

  /**
   * Publishes what is there.
   *
   * @returns how many records
   * @throws when the broker does not take them in time; they stay
   */
  async relay(): Promise<number> {
    const { send } = this;
    if (send === undefined) return 0;
    for (let published = 0; ;) {
      const count = await this.page(send);
      published += count;
      if (count < pageSize) return published;
    }
  }

  private page(send: (record: OutboxRecord) => Promise<void>): Promise<number> {
    return this.database.transaction(async (manager) => {
      if (!(await isOurTurn(manager, 'outbox'))) return 0;
      const rows: OutboxRow[] = await manager.query('SELECT * FROM outbox ORDER BY id LIMIT $1', [pageSize]);
      if (rows.length === 0) return 0;
      await inTime(Promise.all(rows.map((row) => this.sendOnce(row, send))));
      await manager.query('DELETE FROM outbox WHERE id = ANY($1::bigint[])', [rows.map(({ id }) => id)]);
      return rows.length;
    });
  }

  private sendOnce(row: OutboxRow, send: (record: OutboxRecord) => Promise<void>): Promise<void> {
    const before = this.underWay.get(row.event_id);
    if (before !== undefined) return before;
    const sent = send(recordOf(row)).finally(() => this.underWay.delete(row.event_id));
    this.underWay.set(row.event_id, sent);
    return sent;
  }
}

function recordOf({
  event_id: eventId,
  user_id: userId,
  payload,
  created_at_ms: createdAtMs,
}: OutboxRow): OutboxRecord {
  if (payload !== null) return userAlertV1.toRecord(Number(userId), payload, { 'event-id': eventId });
  const headers = { schema: userAlertV1.id, 'event-id': eventId };
  return { topic: userAlertV1.topic, key: userId, value: null, headers, timestamp: createdAtMs };
}

async function inTime(work: Promise<unknown>): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`the broker did not take them within ${sendMaxMs} ms`)), sendMaxMs);
  });
  try {
    await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
    work.catch(() => undefined);
  }
}
