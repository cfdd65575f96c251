import { eventId } from '@isobar/contracts';
import type { EntityManager } from 'typeorm';
import type { NoticeLine } from '../alerts/notices/notice.js';
import type { ToldNotice } from '../alerts/telling/told-notice.js';
import { messageOf } from './notice-message.js';

interface TargetRow {
  readonly id: string;
  readonly user_id: string;
  readonly channel: string;
  readonly kinds: readonly string[];
}

/**
 * Queues what was told for everybody's webhooks and mail, in the transaction in which it was told. A target gets the lines whose rule names
 * its channel and whose kind it asked for; ids follow from notice and target, so that none is queued twice.
 *
 * @param channelsOf where a line may be told
 */
export async function queue(
  manager: EntityManager,
  notices: readonly ToldNotice[],
  channelsOf: (line: NoticeLine) => readonly string[],
): Promise<void> {
  if (notices.length === 0) return;
  const targets: TargetRow[] = await manager.query(
    // Locked as its worker locks it, in the order of the ids.
    `SELECT id, user_id, channel, kinds FROM delivery_targets
     WHERE user_id = ANY($1::bigint[]) AND is_enabled AND confirmed_at_ms IS NOT NULL ORDER BY id FOR NO KEY UPDATE`,
    [[...new Set(notices.map(({ userId }) => userId))]],
  );
  const byUser = Map.groupBy(targets, ({ user_id: userId }) => userId);
  const rows = notices.flatMap((notice) =>
    (byUser.get(notice.userId) ?? []).flatMap(({ id, channel, kinds }) => {
      const lines = notice.lines.filter(
        ({ line }) => kinds.includes(line.key.kind) && channelsOf(line).includes(channel),
      );
      if (lines.length === 0) return [];
      return [
        {
          id: eventId('delivery', notice.id, id),
          target_id: id,
          notice: messageOf({ ...notice, lines }),
          created_at_ms: notice.toldAtMs,
        },
      ];
    }),
  );
  await addDeliveries(manager, rows);
}

export interface NewDelivery {
  readonly id: string;
  readonly target_id: string;
  readonly notice: object;
  /** Epoch milliseconds. */
  readonly created_at_ms: number;
}

/** The targets are locked by the caller. */
export async function addDeliveries(manager: EntityManager, rows: readonly NewDelivery[]): Promise<void> {
  if (rows.length === 0) return;
  await manager.query(
    `INSERT INTO deliveries (id, target_id, notice, created_at_ms, next_at_ms)
     SELECT id, target_id, notice, created_at_ms, created_at_ms
     FROM jsonb_to_recordset($1::jsonb) AS n(id text, target_id bigint, notice jsonb, created_at_ms bigint)
     ON CONFLICT (id) DO NOTHING`,
    [JSON.stringify(rows)],
  );
  // A target that fails has its own time; the others are due.
  await manager.query(
    `UPDATE delivery_targets t SET next_at_ms = n.at_ms
     FROM (SELECT target_id, min(created_at_ms) AS at_ms FROM jsonb_to_recordset($1::jsonb)
       AS r(target_id bigint, created_at_ms bigint) GROUP BY 1) n
     WHERE t.id = n.target_id AND (t.next_at_ms IS NULL OR (t.failures = 0 AND t.next_at_ms > n.at_ms))`,
    [JSON.stringify(rows)],
  );
}
