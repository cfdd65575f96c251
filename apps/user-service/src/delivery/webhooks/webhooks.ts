import { eventId } from '@isobar/contracts';
import { Problem } from '@isobar/service-kit';
import { randomUUID } from 'node:crypto';
import type { EntityManager } from 'typeorm';
import type { Database } from '../../database/database.js';
import { rowId } from '../../database/rows.js';
import { findUser } from '../../users/users.js';
import type { NoticeMessage } from '../notice-message.js';
import { addDeliveries } from '../queue.js';
import type { AddressRules } from './public-address.js';
import { newSecret } from './signature.js';
import { hostProblem, urlProblem } from './webhook-url.js';
import type {
  DeliveryQuery,
  DeliveryView,
  MadeWebhook,
  NewWebhook,
  WebhookChange,
  WebhookView,
} from './webhook-fields.js';

const webhooksMax = 10;

interface WebhookRow {
  readonly id: string;
  readonly address: string;
  readonly kinds: string[];
  readonly is_enabled: boolean;
  readonly failures: number;
  readonly failing_since_ms: string | null;
  readonly last_error: string | null;
  readonly delivered_at_ms: string | null;
  readonly pending: number;
  readonly dead: number;
}

const columns = `t.*,
  (SELECT count(*)::int FROM deliveries d WHERE d.target_id = t.id AND d.state = 'PENDING') AS pending,
  (SELECT count(*)::int FROM deliveries d WHERE d.target_id = t.id AND d.state = 'DEAD') AS dead`;

/** The webhooks of a person, and what was and is to be delivered to them. */
export class Webhooks {
  constructor(
    private readonly database: Database,
    private readonly rules: AddressRules,
    private readonly now: () => number = Date.now,
  ) {}

  /** @throws Problem 404 */
  list(userId: number): Promise<WebhookView[]> {
    return this.database.read(async (manager) => {
      await findUser(manager, userId);
      const rows: WebhookRow[] = await manager.query(
        `SELECT ${columns} FROM delivery_targets t WHERE t.user_id = $1 AND t.channel = 'WEBHOOK' ORDER BY t.id`,
        [userId],
      );
      return rows.map(toView);
    });
  }

  /** @throws Problem 404 */
  get(userId: number, id: number): Promise<WebhookView> {
    return this.database.read((manager) => find(manager, userId, id));
  }

  /** @throws Problem 404, 422 */
  async create(userId: number, { url, kinds }: NewWebhook): Promise<MadeWebhook> {
    const address = await this.checked(url);
    const secret = newSecret();
    return this.database.transaction(async (manager) => {
      await findUser(manager, userId, { isForChange: true });
      const [{ count = 0 } = {}]: { count?: number }[] = await manager.query(
        `SELECT count(*)::int AS count FROM delivery_targets WHERE user_id = $1 AND channel = 'WEBHOOK'`,
        [userId],
      );
      if (count >= webhooksMax)
        throw Problem.validation([{ pointer: '', detail: `a person has at most ${webhooksMax} webhooks` }]);
      const [row]: { id: string }[] = await manager.query(
        `INSERT INTO delivery_targets
           (user_id, channel, address, secret, kinds, is_enabled, confirmed_at_ms, created_at_ms, updated_at_ms)
         VALUES ($1, 'WEBHOOK', $2, $3, $4, TRUE, $5, $5, $5) RETURNING id`,
        [userId, address, secret, kinds, this.now()],
      );
      return { ...(await find(manager, userId, Number(row?.id))), secret };
    });
  }

  /**
   * Switching it on again, or another URL, begins anew: what failed before is tried at once. Whoever delivers to the old URL has no lease
   * any more; the attempt that is under way says nothing of the new one.
   *
   * @throws Problem 404, 422
   */
  async change(userId: number, id: number, { url, kinds, enabled }: WebhookChange): Promise<WebhookView> {
    const address = url === undefined ? undefined : await this.checked(url);
    return this.database.transaction(async (manager) => {
      await lock(manager, userId, id);
      await manager.query(
        `UPDATE delivery_targets SET address = coalesce($2, address), kinds = coalesce($3, kinds),
           is_enabled = coalesce($4, is_enabled), updated_at_ms = $5,
           failures = CASE WHEN $6 THEN 0 ELSE failures END,
           failing_since_ms = CASE WHEN $6 THEN NULL ELSE failing_since_ms END,
           last_error = CASE WHEN $6 THEN NULL ELSE last_error END,
           next_at_ms = CASE WHEN NOT coalesce($4, is_enabled) THEN NULL WHEN $6 THEN $5 ELSE next_at_ms END,
           lease = CASE WHEN $7 THEN NULL ELSE lease END,
           leased_until_ms = CASE WHEN $7 THEN 0 ELSE leased_until_ms END
         WHERE id = $1`,
        [
          ...[id, address, kinds, enabled, this.now()],
          ...[address !== undefined || enabled === true, address !== undefined],
        ],
      );
      return find(manager, userId, id);
    });
  }

  /** A new secret; the old one is worth nothing from then on, and whoever signs by it has no lease any more. @throws Problem 404 */
  renewSecret(userId: number, id: number): Promise<MadeWebhook> {
    const secret = newSecret();
    return this.database.transaction(async (manager) => {
      await lock(manager, userId, id);
      await manager.query(
        'UPDATE delivery_targets SET secret = $2, updated_at_ms = $3, lease = NULL, leased_until_ms = 0 WHERE id = $1',
        [id, secret, this.now()],
      );
      return { ...(await find(manager, userId, id)), secret };
    });
  }

  /** @throws Problem 404 */
  async remove(userId: number, id: number): Promise<void> {
    await this.database.transaction(async (manager) => {
      await lock(manager, userId, id);
      await manager.query('DELETE FROM delivery_targets WHERE id = $1', [id]);
    });
  }

  /** Queues a notice that says that it is a test. @throws Problem 404, 409 when it is switched off */
  test(userId: number, id: number): Promise<DeliveryView> {
    return this.database.transaction(async (manager) => {
      await lock(manager, userId, id);
      const { enabled } = await find(manager, userId, id);
      if (!enabled)
        throw new Problem(409, {
          type: 'webhook-disabled',
          title: 'This webhook is switched off',
          detail: 'Switch it on first: PATCH it with {"enabled": true}.',
        });
      const nowMs = this.now();
      const noticeId = eventId('test', randomUUID());
      const deliveryId = eventId('delivery', noticeId, id);
      const notice = testMessage(userId, noticeId, nowMs);
      await addDeliveries(manager, [{ id: deliveryId, target_id: String(id), notice, created_at_ms: nowMs }]);
      return findDelivery(manager, id, deliveryId);
    });
  }

  /** The newest first. @throws Problem 404 */
  deliveries(
    userId: number,
    id: number,
    { state, limit, cursor }: DeliveryQuery,
  ): Promise<{ items: DeliveryView[]; nextCursor: string | null }> {
    return this.database.read(async (manager) => {
      await find(manager, userId, id);
      const [beforeMs = null, beforeId = null] = cursor?.split('_') ?? [];
      const rows: DeliveryRow[] = await manager.query(
        `SELECT * FROM deliveries WHERE target_id = $1 AND ($2::text IS NULL OR state = upper($2))
           AND ($3::bigint IS NULL OR (created_at_ms, id) < ($3, $4))
         ORDER BY created_at_ms DESC, id DESC LIMIT $5`,
        [id, state ?? null, beforeMs, beforeId, limit + 1],
      );
      const page = rows.slice(0, limit);
      const last = page.at(-1);
      const nextCursor = rows.length > limit && last !== undefined ? `${last.created_at_ms}_${last.id}` : null;
      return { items: page.map(toDelivery), nextCursor };
    });
  }

  /**
   * Tries dead deliveries anew, with their ids.
   *
   * @param deliveryId one of them; undefined: all
   * @returns how many
   * @throws Problem 404
   */
  replay(userId: number, id: number, deliveryId?: string): Promise<number> {
    return this.database.transaction(async (manager) => {
      await lock(manager, userId, id);
      const nowMs = this.now();
      const [, count]: [unknown, number] = await manager.query(
        `UPDATE deliveries SET state = 'PENDING', attempts = 0, done_at_ms = NULL, created_at_ms = $2, next_at_ms = $2
         WHERE target_id = $1 AND state = 'DEAD' AND ($3::text IS NULL OR id = $3)`,
        [id, nowMs, deliveryId ?? null],
      );
      if (count === 0 && deliveryId !== undefined) throw noDelivery(deliveryId);
      await manager.query(`UPDATE delivery_targets SET next_at_ms = $2 WHERE id = $1 AND is_enabled AND $3 > 0`, [
        id,
        nowMs,
        count,
      ]);
      return count;
    });
  }

  /** The URL as it is kept. @throws Problem 422 */
  private async checked(text: string): Promise<string> {
    const url = text.trim();
    const problem = urlProblem(url, this.rules) ?? (await hostProblem(url, this.rules));
    if (problem !== undefined) throw Problem.validation([{ pointer: '/url', detail: problem }]);
    return new URL(url).href;
  }
}

/** The person first, as everywhere; then the webhook, which its worker locks for moments. @throws Problem 404 */
async function lock(manager: EntityManager, userId: number, id: number): Promise<void> {
  await findUser(manager, userId, { isForChange: true });
  const rows: unknown[] = await manager.query(
    `SELECT FROM delivery_targets WHERE id = $1 AND user_id = $2 AND channel = 'WEBHOOK' FOR UPDATE`,
    [rowId(id), userId],
  );
  if (rows.length === 0) throw noWebhook(userId, id);
}

/** @throws Problem 404 */
async function find(manager: EntityManager, userId: number, id: number): Promise<WebhookView> {
  const [row]: WebhookRow[] = await manager.query(
    `SELECT ${columns} FROM delivery_targets t WHERE t.id = $1 AND t.user_id = $2 AND t.channel = 'WEBHOOK'`,
    [rowId(id), rowId(userId)],
  );
  if (row === undefined) throw noWebhook(userId, id);
  return toView(row);
}

const noWebhook = (userId: number, id: number): Problem =>
  Problem.notFound(
    'No such webhook',
    `Person ${userId} has no webhook ${id}; GET /users/${userId}/webhooks lists them.`,
  );

const noDelivery = (id: string): Problem =>
  Problem.notFound(
    'No such dead delivery',
    `This webhook has no dead delivery ${id.slice(0, 40)}; GET its deliveries with ?state=dead lists them.`,
  );

const instant = (atMs: string | null): string | null => (atMs === null ? null : new Date(Number(atMs)).toISOString());

const toView = (row: WebhookRow): WebhookView => ({
  id: Number(row.id),
  url: row.address,
  kinds: row.kinds,
  enabled: row.is_enabled,
  failures: row.failures,
  failingSince: instant(row.failing_since_ms),
  lastError: row.last_error,
  lastDeliveredAt: instant(row.delivered_at_ms),
  pending: row.pending,
  dead: row.dead,
});

interface DeliveryRow {
  readonly id: string;
  readonly state: string;
  readonly attempts: number;
  readonly created_at_ms: string;
  readonly next_at_ms: string;
  readonly done_at_ms: string | null;
  readonly last_error: string | null;
  readonly notice: Partial<NoticeMessage>;
}

/** @throws Problem 404 */
async function findDelivery(manager: EntityManager, targetId: number, id: string): Promise<DeliveryView> {
  const [row]: DeliveryRow[] = await manager.query('SELECT * FROM deliveries WHERE target_id = $1 AND id = $2', [
    targetId,
    id,
  ]);
  if (row === undefined) throw noDelivery(id);
  return toDelivery(row);
}

const toDelivery = (row: DeliveryRow): DeliveryView => ({
  id: row.id,
  state: row.state === 'DELIVERED' ? 'delivered' : row.state === 'DEAD' ? 'dead' : 'pending',
  attempts: row.attempts,
  createdAt: new Date(Number(row.created_at_ms)).toISOString(),
  nextAttemptAt: row.state === 'PENDING' ? instant(row.next_at_ms) : null,
  endedAt: instant(row.done_at_ms),
  lastError: row.last_error,
  texts: row.notice.data?.lines.map(({ text }) => text) ?? [],
});

function testMessage(userId: number, noticeId: string, nowMs: number): NoticeMessage {
  const at = new Date(nowMs).toISOString();
  const line = {
    ...{ alertId: null, ruleId: null, ruleName: null, kind: 'raised', severity: 'INFO', startedAt: at, endedAt: null },
    ...{ at, value: null, peakValue: null, unit: null, text: 'This is a test: your alerts will come here.' },
  };
  return {
    type: 'alert.notice',
    timestamp: at,
    data: { noticeId, userId, delivery: 'PASSIVE', lines: [line], more: 0 },
  };
}
