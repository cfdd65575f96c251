import { eventId } from '@isobar/contracts';
import { Problem } from '@isobar/service-kit';
import { randomBytes } from 'node:crypto';
import { z } from 'zod';
import type { EntityManager } from 'typeorm';
import type { Database } from '../../database/database.js';
import { findUser } from '../../users/users.js';
import { addDeliveries } from '../queue.js';
import { noticeKinds } from '../webhooks/webhook-fields.js';
import { countQuestion } from './mail-questions.js';
import { confirmation } from './mail-sender.js';

export const mailAddressChangeSchema = z.strictObject({
  address: z.email({ error: 'must be a mail address' }).max(254),
});

export const mailAddressSchema = z.object({
  address: z.string(),
  confirmed: z.boolean().describe('mail is sent once the person has followed the link of the first one'),
  enabled: z.boolean().describe('false after the person said that they want no more'),
  failures: z.int().describe('in a row'),
  lastError: z.string().nullable(),
  lastDeliveredAt: z.iso.datetime().nullable(),
});
export type MailAddressView = z.output<typeof mailAddressSchema>;

interface Row {
  readonly id: string;
  readonly address: string;
  readonly is_enabled: boolean;
  readonly confirmed_at_ms: string | null;
  readonly failures: number;
  readonly last_error: string | null;
  readonly delivered_at_ms: string | null;
}

/** Who asks again within a minute is not asked again. */
const askEveryMs = 60_000;

/** The mail address of a person for notices: confirmed by a link before anything but the question is sent there. */
export class MailAddresses {
  constructor(
    private readonly database: Database,
    private readonly hasServer: boolean,
    private readonly now: () => number = Date.now,
  ) {}

  /** @throws Problem 404 */
  get(userId: number): Promise<MailAddressView> {
    return this.database.read(async (manager) => {
      await findUser(manager, userId);
      const row = await find(manager, userId);
      if (row === undefined) throw noAddress(userId);
      return toView(row);
    });
  }

  /**
   * Sets the address and asks it for a confirmation; one that is confirmed and on stays as it is.
   *
   * @throws Problem 404, 409 without a mail server, 429 when the address was asked often enough
   */
  set(userId: number, address: string): Promise<MailAddressView> {
    if (!this.hasServer)
      throw new Problem(409, {
        type: 'no-mail-server',
        title: 'This service sends no mail',
        detail: 'Set SMTP_URL, MAIL_FROM and PUBLIC_URL, and start it again.',
      });
    return this.database.transaction(async (manager) => {
      await findUser(manager, userId, { isForChange: true });
      const nowMs = this.now();
      const before = await find(manager, userId, 'FOR UPDATE');
      const isSame = before?.address === address && before.is_enabled;
      if (isSame && before.confirmed_at_ms !== null) return toView(before);
      // Another address, or one that wanted no more, begins anew: links that were sent before are worth nothing.
      if (before !== undefined && !isSame)
        await manager.query('DELETE FROM delivery_targets WHERE id = $1', [before.id]);
      if (!isSame)
        await manager.query(
          `INSERT INTO delivery_targets (user_id, channel, address, token, kinds, is_enabled, created_at_ms, updated_at_ms)
           VALUES ($1, 'EMAIL', $2, $3, $4, TRUE, $5, $5)`,
          [userId, address, randomBytes(32).toString('base64url'), [...noticeKinds], nowMs],
        );
      const row = await find(manager, userId);
      if (row === undefined) throw noAddress(userId);
      const id = eventId('confirmation', row.id, Math.floor(nowMs / askEveryMs));
      const [asked]: unknown[] = await manager.query('SELECT FROM deliveries WHERE id = $1', [id]);
      if (asked !== undefined) return toView(row);
      await countQuestion(manager, address, nowMs);
      await addDeliveries(manager, [{ id, target_id: row.id, notice: confirmation, created_at_ms: nowMs }]);
      return toView(row);
    });
  }

  /** @throws Problem 404 */
  async remove(userId: number): Promise<void> {
    await this.database.transaction(async (manager) => {
      await findUser(manager, userId, { isForChange: true });
      const [, count]: [unknown, number] = await manager.query(
        `DELETE FROM delivery_targets WHERE user_id = $1 AND channel = 'EMAIL'`,
        [userId],
      );
      if (count === 0) throw noAddress(userId);
    });
  }

  /** @param token of a link in a mail @throws Problem 404 */
  confirm(token: string): Promise<void> {
    return this.byToken(token, 'SET confirmed_at_ms = coalesce(confirmed_at_ms, $2), updated_at_ms = $2');
  }

  /** Once more changes nothing. @param token of a link in a mail @throws Problem 404 */
  unsubscribe(token: string): Promise<void> {
    return this.byToken(token, 'SET is_enabled = FALSE, next_at_ms = NULL, updated_at_ms = $2');
  }

  private async byToken(token: string, change: string): Promise<void> {
    const [, count]: [unknown, number] = await this.database.transaction((manager) =>
      manager.query(`UPDATE delivery_targets ${change} WHERE token = $1 AND channel = 'EMAIL'`, [token, this.now()]),
    );
    if (count === 0)
      throw Problem.notFound('This link is worth nothing any more', 'The address was changed or removed meanwhile.');
  }
}

async function find(manager: EntityManager, userId: number, lock = ''): Promise<Row | undefined> {
  const [row]: Row[] = await manager.query(
    `SELECT * FROM delivery_targets WHERE user_id = $1 AND channel = 'EMAIL' ORDER BY id LIMIT 1 ${lock}`,
    [userId],
  );
  return row;
}

const noAddress = (userId: number): Problem =>
  Problem.notFound('No mail address', `Person ${userId} gets no mail; PUT /users/${userId}/email sets an address.`);

const toView = (row: Row): MailAddressView => ({
  address: row.address,
  confirmed: row.confirmed_at_ms !== null,
  enabled: row.is_enabled,
  failures: row.failures,
  lastError: row.last_error,
  lastDeliveredAt: row.delivered_at_ms === null ? null : new Date(Number(row.delivered_at_ms)).toISOString(),
});
