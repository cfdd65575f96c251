import type { EntityManager } from 'typeorm';
import { z } from 'zod';
import { severities } from '../life/types.js';
import { defaultBudget, type PersonPolicy, type QuietHours } from '../notices/policy.js';
import { isZone } from '../notices/zoned-time.js';

/** What of a rule says how it is told. */
export interface ToldRule {
  readonly version: number;
  readonly isEnabled: boolean;
  readonly quiet: QuietHours | null;
  /** Where it tells. */
  readonly channels: readonly string[];
}

const time = z.string().transform((text) => text.slice(0, 5));

const settingsRow = z.object({
  user_id: z.string(),
  zone: z.string().nullable(),
  quiet_from: time.nullable(),
  quiet_to: time.nullable(),
  break_through: z.enum(severities).nullable(),
  digest_at: time,
  per_ten_minutes: z.int(),
  per_day: z.int(),
});

const ruleRow = z.object({
  id: z.string(),
  version: z.int(),
  limit_id: z.string().nullable(),
  channels: z.array(z.string()),
  quiet_from: time.nullable(),
  quiet_to: time.nullable(),
  quiet_zone: z.string().nullable(),
});

/** For people who said nothing of it. */
export const defaultSettings = {
  zone: null,
  quiet: null,
  breakThrough: 'CRITICAL',
  digestAt: '07:00',
  ...defaultBudget,
} as const;

export interface NoticeSettings extends Omit<PersonPolicy, 'personId' | 'ruleQuiet' | 'zone'> {
  /** null: that of the quiet hours of one of their rules, or UTC. */
  readonly zone: string | null;
}

/** The settings of people, where they have some. */
export async function settingsOf(
  manager: EntityManager,
  userIds: readonly string[],
): Promise<Map<string, NoticeSettings>> {
  const rows: unknown[] = await manager.query('SELECT * FROM notice_settings WHERE user_id = ANY($1::bigint[])', [
    userIds,
  ]);
  return new Map(
    rows.flatMap((row) => {
      const { data } = settingsRow.safeParse(row);
      if (data === undefined) return [];
      const { quiet_from: from, quiet_to: to, zone } = data;
      const settings: NoticeSettings = {
        // Where others wrote a zone that is none nothing waits for its night.
        zone: zone !== null && isZone(zone) ? zone : null,
        quiet: from === null || to === null || from === to ? null : { from, to },
        breakThrough: data.break_through,
        digestAt: data.digest_at,
        perTenMinutes: data.per_ten_minutes,
        perDay: data.per_day,
      };
      return [[data.user_id, settings] as const];
    }),
  );
}

/** Rules by their ids; one that is gone is left out. */
export async function toldRules(manager: EntityManager, ids: readonly string[]): Promise<Map<string, ToldRule>> {
  if (ids.length === 0) return new Map();
  const rows: unknown[] = await manager.query(
    'SELECT id, version, limit_id, channels, quiet_from, quiet_to, quiet_zone FROM alert_rules WHERE id = ANY($1::bigint[])',
    [ids],
  );
  return new Map(
    rows.flatMap((row) => {
      const { data } = ruleRow.safeParse(row);
      if (data === undefined) return [];
      const { quiet_from: from, quiet_to: to, quiet_zone: zone } = data;
      const isNone = from === null || to === null || from === to || zone === null || !isZone(zone);
      const rule = {
        version: data.version,
        isEnabled: data.limit_id !== null,
        channels: data.channels,
        quiet: isNone ? null : { from, to, zone },
      };
      return [[data.id, rule] as const];
    }),
  );
}

/** How a person wants to be told, with the quiet hours of the rules that are at hand. */
export function policyOf(
  personId: string,
  settings: NoticeSettings = defaultSettings,
  rules: readonly (readonly [string, ToldRule])[],
): PersonPolicy {
  const quiet = rules.flatMap(([id, rule]) => (rule.quiet === null ? [] : [[id, rule.quiet] as const]));
  return {
    ...settings,
    personId,
    zone: settings.zone ?? quiet[0]?.[1].zone ?? 'UTC',
    ruleQuiet: Object.fromEntries(quiet),
  };
}
