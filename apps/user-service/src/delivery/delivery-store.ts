import { randomUUID } from 'node:crypto';
import type { EntityManager } from 'typeorm';
import type { Database } from '../database/database.js';
import { forgetQuestions } from './mail/mail-questions.js';
import { ageMaxMs, attemptsMax, backOffMs } from './back-off.js';
import { toTarget, type Delivery, type Outcome, type Target } from './target.js';

/** How long a target belongs to whoever claimed it; longer than an attempt may take. */
const leaseMs = 60_000;

/** A target that nobody else delivers to, until its lease is over. */
export interface ClaimedTarget extends Target {
  readonly lease: string;
}

interface DeliveryRow {
  readonly id: string;
  readonly notice: unknown;
  readonly attempts: number;
  readonly created_at_ms: string;
}

/** The queue in the database. Claims are short transactions; nothing is held while something is sent. */
export class DeliveryStore {
  constructor(
    private readonly database: Database,
    private readonly random: () => number = Math.random,
  ) {}

  /** @param isFailing targets that failed last, or those that did not: neither takes the room of the others */
  claim(
    nowMs: number,
    atMost: number,
    channel: Target['channel'],
    isFailing: boolean,
  ): Promise<readonly ClaimedTarget[]> {
    return this.database.transaction(async (manager) => {
      const lease = randomUUID();
      const rows: [unknown[], number] = await manager.query(
        `UPDATE delivery_targets t SET leased_until_ms = $1::bigint + ${leaseMs}, lease = $2
         FROM (SELECT id FROM delivery_targets
           WHERE next_at_ms <= $1 AND leased_until_ms <= $1 AND (failures > 0) = $4 AND channel = $5
           ORDER BY next_at_ms, id LIMIT $3 FOR UPDATE SKIP LOCKED) due
         WHERE t.id = due.id RETURNING t.*`,
        [nowMs, lease, atMost, isFailing, channel],
      );
      return rows[0].flatMap((row) => {
        const target = toTarget(row);
        return target === undefined ? [] : [{ ...target, lease }];
      });
    });
  }

  /** The next delivery that is due; those that are too old are dead. Undefined when there is none, or the lease is another's. */
  next({ id, lease }: ClaimedTarget, nowMs: number): Promise<Delivery | undefined> {
    return this.database.transaction(async (manager) => {
      if (!(await holds(manager, id, lease))) return undefined;
      await manager.query('UPDATE delivery_targets SET leased_until_ms = $2 WHERE id = $1', [id, nowMs + leaseMs]);
      await manager.query(
        `UPDATE deliveries SET state = 'DEAD', done_at_ms = $2, last_error = coalesce(last_error, 'it was not its turn')
           || '; it was more than a day old'
         WHERE target_id = $1 AND state = 'PENDING' AND created_at_ms < $2::bigint - ${ageMaxMs}`,
        [id, nowMs],
      );
      const [row]: DeliveryRow[] = await manager.query(
        `SELECT id, notice, attempts, created_at_ms FROM deliveries
         WHERE target_id = $1 AND state = 'PENDING' AND next_at_ms <= $2
           -- Its person may have switched it off since it was claimed.
           AND (SELECT is_enabled FROM delivery_targets WHERE id = $1)
         -- One that failed comes after those that never did.
         ORDER BY next_at_ms, created_at_ms, id LIMIT 1`,
        [id, nowMs],
      );
      if (row === undefined) return undefined;
      const { notice, attempts } = row;
      return { id: row.id, notice, attempts, createdAtMs: Number(row.created_at_ms) };
    });
  }

  /** Writes what became of an attempt; whose lease is over, and was taken, writes nothing: it is tried again. */
  async record(target: ClaimedTarget, delivery: Delivery, outcome: Outcome, nowMs: number): Promise<void> {
    await this.database.transaction(async (manager) => {
      if (!(await holds(manager, target.id, target.lease))) return;
      const attempts = delivery.attempts + 1;
      if (outcome.kind === 'delivered') {
        await finish(manager, delivery.id, 'DELIVERED', attempts, null, nowMs);
        await manager.query(
          `UPDATE delivery_targets SET failures = 0, failing_since_ms = NULL, last_error = NULL, delivered_at_ms = $2
           WHERE id = $1`,
          [target.id, nowMs],
        );
        return;
      }
      const { because } = outcome;
      const isDead = outcome.kind !== 'failed' || attempts >= attemptsMax;
      const waitMs = backOffMs(attempts, this.random(), outcome.kind === 'failed' ? outcome.retryAfterMs : 0);
      if (isDead) await finish(manager, delivery.id, 'DEAD', attempts, because, nowMs);
      else
        await manager.query('UPDATE deliveries SET attempts = $2, last_error = $3, next_at_ms = $4 WHERE id = $1', [
          delivery.id,
          attempts,
          because,
          nowMs + waitMs,
        ]);
      await manager.query(
        `UPDATE delivery_targets SET failures = failures + 1, failing_since_ms = coalesce(failing_since_ms, $2),
           last_error = $3, is_enabled = is_enabled AND NOT $4 WHERE id = $1`,
        [target.id, nowMs, because, outcome.kind === 'gone'],
      );
    });
  }

  /**
   * Gives a target back: due again when its next delivery is, and after a failure not before a pause.
   *
   * @param retryAfterMs how long the receiver wants to be left alone, whatever waits for it
   */
  async release({ id, lease, failures }: ClaimedTarget, nowMs: number, retryAfterMs = 0): Promise<void> {
    await this.database.transaction(async (manager) => {
      if (!(await holds(manager, id, lease))) return;
      const [target]: { failures: number; is_enabled: boolean }[] = await manager.query(
        'SELECT failures, is_enabled FROM delivery_targets WHERE id = $1',
        [id],
      );
      // What others queued meanwhile is seen: the row was locked before this look.
      const [due]: { at_ms: string | null }[] = await manager.query(
        `SELECT min(next_at_ms) AS at_ms FROM deliveries WHERE target_id = $1 AND state = 'PENDING'`,
        [id],
      );
      const hasFailed = (target?.failures ?? 0) > failures;
      const pausedUntilMs = hasFailed ? nowMs + backOffMs(target?.failures ?? 0, this.random(), retryAfterMs) : nowMs;
      const dueMs = due?.at_ms ?? null;
      const nextAtMs = dueMs === null || target?.is_enabled !== true ? null : Math.max(Number(dueMs), pausedUntilMs);
      await manager.query(
        'UPDATE delivery_targets SET next_at_ms = $2, leased_until_ms = 0, lease = NULL WHERE id = $1',
        [id, nextAtMs],
      );
    });
  }

  /** Deletes what was delivered a week ago, what died a month ago, and what waits since then for a receiver that is off. */
  async forget(nowMs: number): Promise<void> {
    const dayMs = 24 * 3_600_000;
    await this.database.transaction(async (manager) => {
      await manager.query(
        `DELETE FROM deliveries WHERE (state = 'DELIVERED' AND done_at_ms < $1) OR (state = 'DEAD' AND done_at_ms < $2)
           OR (state = 'PENDING' AND created_at_ms < $2)`,
        [nowMs - 7 * dayMs, nowMs - 30 * dayMs],
      );
      await forgetQuestions(manager, nowMs);
    });
  }

  /** How many deliveries wait, and since when the oldest target that is due has been waiting, epoch milliseconds. */
  async standing(nowMs: number): Promise<{ pending: number; dead: number; overdueSinceMs: number | null }> {
    return this.database.read(async (manager) => {
      const [counts]: { pending: number; dead: number }[] = await manager.query(
        `SELECT count(*) FILTER (WHERE state = 'PENDING')::int AS pending, count(*) FILTER (WHERE state = 'DEAD')::int AS dead
         FROM deliveries`,
      );
      const [due]: { since: string | null }[] = await manager.query(
        'SELECT min(greatest(next_at_ms, leased_until_ms)) AS since FROM delivery_targets WHERE next_at_ms <= $1 AND leased_until_ms <= $1',
        [nowMs],
      );
      const since = due?.since ?? null;
      return {
        pending: counts?.pending ?? 0,
        dead: counts?.dead ?? 0,
        overdueSinceMs: since === null ? null : Number(since),
      };
    });
  }
}

async function holds(manager: EntityManager, id: string, lease: string): Promise<boolean> {
  const rows: unknown[] = await manager.query(
    'SELECT FROM delivery_targets WHERE id = $1 AND lease = $2 FOR NO KEY UPDATE',
    [id, lease],
  );
  return rows.length > 0;
}

const finish = (
  manager: EntityManager,
  id: string,
  state: 'DELIVERED' | 'DEAD',
  attempts: number,
  because: string | null,
  nowMs: number,
): Promise<unknown> =>
  manager.query('UPDATE deliveries SET state = $2, attempts = $3, last_error = $4, done_at_ms = $5 WHERE id = $1', [
    id,
    state,
    attempts,
    because,
    nowMs,
  ]);
