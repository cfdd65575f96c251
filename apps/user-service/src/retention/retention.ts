import type { EntityManager } from 'typeorm';
import type { Database } from '../database/database.js';
import { isOurTurn } from '../database/job-locks.js';
import { idempotencyKeptMs } from '../idempotency/idempotency.js';

const dayMs = 24 * 3_600_000;
/** Rows of a transaction: nobody waits long for one of them. */
const pageSize = 2_000;
/** An old copy of a list may bring an official warning back for a week. */
const officialKeptMs = 8 * dayMs;

/** How long what is over is kept. */
export interface KeptDays {
  /** After the end of an alert. */
  readonly alerts: number;
  /** The records that an alert cites: without them it says when and how much, and cannot be made again. */
  readonly evidence: number;
  readonly inbox: number;
}

/** Forgets what is older than it is kept for, a page at a time. What somebody works on is left to the next time. */
export class Retention {
  constructor(
    private readonly database: Database,
    private readonly kept: KeptDays,
  ) {}

  /**
   * Replicas take turns, page by page.
   *
   * @param nowMs processing time, epoch milliseconds
   * @returns how many rows went, or lost their evidence, by what they are
   */
  async run(nowMs: number): Promise<Readonly<Record<string, number>>> {
    const gone: Record<string, number> = {};
    for (const [what, statement, before] of this.statements(nowMs))
      for (let count = pageSize; count === pageSize;) {
        count = await this.database.transaction((manager) => page(manager, statement, before));
        gone[what] = (gone[what] ?? 0) + count;
      }
    return gone;
  }

  private statements(nowMs: number): readonly (readonly [string, string, number])[] {
    const { alerts, evidence, inbox } = this.kept;
    return [
      [
        'alerts',
        `WITH gone AS (DELETE FROM alerts WHERE id IN
           (SELECT id FROM alerts WHERE ended_at_ms < $1 ORDER BY ended_at_ms LIMIT $2 FOR UPDATE SKIP LOCKED) RETURNING 1)
         SELECT count(*) FROM gone`,
        nowMs - alerts * dayMs,
      ],
      [
        'evidence',
        `WITH old AS (
           UPDATE alerts SET is_evidence_gone = TRUE WHERE id IN (SELECT id FROM alerts WHERE ended_at_ms < $1 AND NOT is_evidence_gone
             ORDER BY ended_at_ms LIMIT $2 FOR UPDATE SKIP LOCKED) RETURNING id),
         stripped AS (
           UPDATE alert_transitions t SET transition = jsonb_set(t.transition, '{evidence}', '{"deciding": [], "peak": null, "isGone": true}')
           FROM old WHERE t.alert_id = old.id)
         SELECT count(*) FROM old`,
        nowMs - evidence * dayMs,
      ],
      [
        'inbox',
        `WITH gone AS (DELETE FROM inbox WHERE id IN
           (SELECT id FROM inbox WHERE shown_at_ms < $1 ORDER BY shown_at_ms LIMIT $2 FOR UPDATE SKIP LOCKED) RETURNING 1)
         SELECT count(*) FROM gone`,
        nowMs - inbox * dayMs,
      ],
      [
        'idempotency keys',
        `WITH gone AS (DELETE FROM idempotency_keys WHERE (scope, key) IN
           (SELECT scope, key FROM idempotency_keys WHERE created_at_ms < $1 LIMIT $2 FOR UPDATE SKIP LOCKED) RETURNING 1)
         SELECT count(*) FROM gone`,
        nowMs - idempotencyKeptMs,
      ],
      [
        'official warnings',
        `WITH gone AS (DELETE FROM official_warnings WHERE key IN
           (SELECT key FROM official_warnings WHERE NOT is_active AND fetched_at_ms < $1 LIMIT $2 FOR UPDATE SKIP LOCKED) RETURNING 1)
         SELECT count(*) FROM gone`,
        nowMs - officialKeptMs,
      ],
    ];
  }
}

async function page(manager: EntityManager, statement: string, beforeMs: number): Promise<number> {
  if (!(await isOurTurn(manager, 'retention'))) return 0;
  const [row]: { count: string }[] = await manager.query(statement, [beforeMs, pageSize]);
  return Number(row?.count ?? 0);
}
