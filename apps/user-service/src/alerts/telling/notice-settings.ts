import { z } from 'zod';
import type { Database } from '../../database/database.js';
import { quietTimeSchema, zoneSchema } from '../../rules/rule-fields.js';
import { findUser } from '../../users/users.js';
import { severities } from '../life/types.js';
import { defaultSettings, settingsOf, type NoticeSettings } from './person-policy.js';

const budget = (description: string) =>
  z
    .int({ error: 'must be a whole number' })
    .min(1, { error: 'must be at least 1' })
    .max(100, { error: 'must be at most 100' })
    .describe(description);

export const noticeSettingsSchema = z.strictObject({
  zone: zoneSchema
    .nullable()
    .describe('the time zone of the person; null: that of the quiet hours of one of their rules, or UTC'),
  quietHours: z
    .strictObject({ from: quietTimeSchema, to: quietTimeSchema })
    .refine(({ from, to }) => from !== to, {
      path: ['to'],
      error: 'must not be the time at which the quiet hours begin',
    })
    .nullable()
    .describe('local times in which only what breaks through is told; at their end the rest comes as one digest'),
  breakThrough: z
    .enum(severities, { error: `must be one of ${severities.join(', ')}, or null` })
    .nullable()
    .describe('what is at least as severe does not wait; null: everything does'),
  digestAt: quietTimeSchema.describe('when the digest comes where there are no quiet hours'),
  perTenMinutes: budget('interruptions in ten minutes; what saves lives is not counted'),
  perDay: budget('interruptions on a date'),
});
export type NoticeSettingsView = z.output<typeof noticeSettingsSchema>;

/** How a person wants to be told. */
export class NoticeSettingsOfPeople {
  constructor(private readonly database: Database) {}

  /** @throws Problem 404 */
  get(userId: number): Promise<NoticeSettingsView> {
    return this.database.read(async (manager) => {
      await findUser(manager, userId);
      return toView((await settingsOf(manager, [String(userId)])).get(String(userId)) ?? defaultSettings);
    });
  }

  /** What waits already keeps its time. @throws Problem 404 */
  set(userId: number, settings: NoticeSettingsView): Promise<NoticeSettingsView> {
    const { zone, quietHours, breakThrough, digestAt, perTenMinutes, perDay } = settings;
    return this.database.transaction(async (manager) => {
      await findUser(manager, userId, { isForChange: true });
      await manager.query(
        `INSERT INTO notice_settings
           (user_id, zone, quiet_from, quiet_to, break_through, digest_at, per_ten_minutes, per_day)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
         ON CONFLICT (user_id) DO UPDATE SET zone = EXCLUDED.zone, quiet_from = EXCLUDED.quiet_from,
           quiet_to = EXCLUDED.quiet_to, break_through = EXCLUDED.break_through, digest_at = EXCLUDED.digest_at,
           per_ten_minutes = EXCLUDED.per_ten_minutes, per_day = EXCLUDED.per_day`,
        [userId, zone, quietHours?.from ?? null, quietHours?.to ?? null, breakThrough, digestAt, perTenMinutes, perDay],
      );
      return settings;
    });
  }
}

const toView = ({ quiet, ...same }: NoticeSettings): NoticeSettingsView => ({ ...same, quietHours: quiet });
