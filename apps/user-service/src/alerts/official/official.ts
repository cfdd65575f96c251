import type { Database } from '../../database/database.js';
import { findUser } from '../../users/users.js';
import { toInstant } from '../alert-view.js';
import { officialSettingsSchema, type OfficialSettings, type OfficialView } from './official-fields.js';
import { readWarning } from './official-store.js';

const shownMax = 500;

/** Official warnings as the REST interface shows them to a person. */
export class Official {
  constructor(private readonly database: Database) {}

  /** @throws Problem 404 */
  get(userId: number): Promise<OfficialView> {
    return this.database.read(async (manager) => {
      await findUser(manager, userId);
      const [setting]: { from_severity: string }[] = await manager.query(
        'SELECT from_severity FROM official_settings WHERE user_id = $1',
        [userId],
      );
      const rows: { warning: unknown }[] = await manager.query(
        `SELECT warning FROM official_warnings WHERE is_active AND city_key IN
           (SELECT city_key FROM users WHERE id = $1 UNION SELECT city_key FROM places WHERE user_id = $1)
         ORDER BY key LIMIT $2`,
        [userId, shownMax],
      );
      const items = rows.flatMap(({ warning }) => {
        const row = readWarning(warning);
        if (row === undefined) return [];
        const headline: unknown = Reflect.get(row, 'headline');
        const instant = (ms: number | null | undefined) => (typeof ms === 'number' ? toInstant(ms) : null);
        return [
          {
            event: row.event,
            severity: row.severity,
            cityKey: row.city_key,
            headline: typeof headline === 'string' ? headline : null,
            startsAt: instant(row.starts_at),
            endsAt: instant(row.ends_at),
          },
        ];
      });
      const kept = officialSettingsSchema.safeParse({ from: setting?.from_severity });
      return { from: kept.data?.from ?? 'Minor', items };
    });
  }

  /** What was told already is not taken back. @throws Problem 404 */
  async set(userId: number, { from }: OfficialSettings): Promise<OfficialView> {
    await this.database.transaction(async (manager) => {
      await findUser(manager, userId, { isForChange: true });
      await manager.query(
        `INSERT INTO official_settings (user_id, from_severity) VALUES ($1, $2)
         ON CONFLICT (user_id) DO UPDATE SET from_severity = EXCLUDED.from_severity`,
        [userId, from],
      );
    });
    return this.get(userId);
  }
}
