import { epochMs, userAlertV1, type UserAlert } from '@isobar/contracts';
import type { EntityManager } from 'typeorm';
import type { ToldLine, ToldNotice } from '../alerts/telling/told-notice.js';

/** Puts what was told where the relay finds it, in the transaction in which it was told. */
export async function publish(manager: EntityManager, notices: readonly ToldNotice[]): Promise<void> {
  if (notices.length === 0) return;
  const rows = notices.flatMap((notice) =>
    notice.lines.map((line) => ({
      event_id: line.key,
      user_id: notice.userId,
      payload: userAlertV1.schema.parse(userAlertOf(notice, line)),
      created_at_ms: notice.toldAtMs,
    })),
  );
  await manager.query(
    `INSERT INTO outbox (event_id, user_id, payload, created_at_ms)
     SELECT event_id, user_id, payload, created_at_ms
     FROM jsonb_to_recordset($1::jsonb) AS n(event_id text, user_id bigint, payload jsonb, created_at_ms bigint)
     ON CONFLICT ON CONSTRAINT outbox_event_once DO NOTHING`,
    [JSON.stringify(rows)],
  );
}

const instant = (atMs: number) => epochMs(Math.round(atMs));

function userAlertOf({ id, delivery, toldAtMs }: ToldNotice, { key, alertId, line, body }: ToldLine): UserAlert {
  return {
    event_id: key,
    notice_id: id,
    alert_id: alertId,
    rule_id: alertId === null ? null : line.ruleId,
    kind: line.key.kind,
    severity: line.severity,
    delivery,
    text: body,
    started_at: instant(line.startMs),
    ended_at: line.endMs === null ? null : instant(line.endMs),
    occurred_at: instant(line.atMs),
    value: line.value,
    peak_value: line.peakValue,
    told_at: instant(toldAtMs),
  };
}
