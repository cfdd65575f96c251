import type { MigrationInterface, QueryRunner } from 'typeorm';

/** @param which what is done about the person's notices before the alert is closed */
const endAlerts = (which: string): string => `
  CREATE OR REPLACE FUNCTION alert_rules_end() RETURNS trigger LANGUAGE plpgsql AS $$
  DECLARE now_ms BIGINT := floor(extract(epoch FROM clock_timestamp()) * 1000);
  BEGIN
    ${which}
    UPDATE alerts SET ended_at_ms = greatest(now_ms, raised_at_ms), end_reason = 'rule-removed'
      WHERE rule_id = OLD.id AND ended_at_ms IS NULL;
    RETURN OLD;
  END $$`;

const ups: readonly string[] = [
  `CREATE TABLE notice_settings (
    user_id BIGINT PRIMARY KEY REFERENCES users ON DELETE CASCADE,
    zone TEXT,
    quiet_from TIME,
    quiet_to TIME,
    break_through TEXT,
    digest_at TIME NOT NULL,
    per_ten_minutes INTEGER NOT NULL,
    per_day INTEGER NOT NULL
  )`,
  // What waits to be told to a person, and when it is to be looked at again.
  `CREATE TABLE notice_states (
    user_id BIGINT PRIMARY KEY REFERENCES users ON DELETE CASCADE,
    state JSONB NOT NULL,
    next_at_ms BIGINT
  )`,
  'CREATE INDEX notice_states_due ON notice_states (next_at_ms) WHERE next_at_ms IS NOT NULL',
  // Who was told of an alert that is open is told of its end.
  `INSERT INTO notice_states (user_id, state)
    SELECT a.user_id, jsonb_build_object('format', 1, 'told', jsonb_agg(DISTINCT a.id), 'held', '[]'::jsonb, 'more', 0,
      'interruptedMs', '[]'::jsonb, 'outages', '{}'::jsonb, 'endedRules', '{}'::jsonb, 'lastDigestKey', NULL)
    FROM alerts a JOIN inbox i ON i.alert_id = a.id WHERE a.ended_at_ms IS NULL GROUP BY a.user_id`,
  // What waited in the inbox itself is told now.
  `UPDATE inbox SET shown_at_ms = floor(extract(epoch FROM clock_timestamp()) * 1000)
    WHERE shown_at_ms > extract(epoch FROM clock_timestamp()) * 1000`,
  "ALTER TABLE inbox ADD COLUMN notice_id TEXT NOT NULL DEFAULT '', ADD COLUMN delivery TEXT NOT NULL DEFAULT 'INTERRUPT'",
  'ALTER TABLE inbox ALTER COLUMN alert_id DROP NOT NULL',
  // What waits of a rule that goes is looked at, and withdrawn, at the next look of the clock.
  endAlerts('UPDATE notice_states SET next_at_ms = 0 WHERE user_id = OLD.user_id AND next_at_ms IS NOT NULL;'),
];

const downs: readonly string[] = [
  endAlerts(`DELETE FROM inbox USING alerts a
      WHERE a.rule_id = OLD.id AND a.ended_at_ms IS NULL AND inbox.alert_id = a.id AND inbox.shown_at_ms > now_ms;`),
  'DELETE FROM inbox WHERE alert_id IS NULL',
  'ALTER TABLE inbox ALTER COLUMN alert_id SET NOT NULL',
  'ALTER TABLE inbox DROP COLUMN notice_id, DROP COLUMN delivery',
  'DROP TABLE notice_states, notice_settings',
];

/** Notices are planned per person: what waits is kept beside the inbox, which holds what was told. */
export class PlanNotices1700000020000 implements MigrationInterface {
  readonly name = 'PlanNotices1700000020000';

  async up(queryRunner: QueryRunner): Promise<void> {
    for (const statement of ups) await queryRunner.query(statement);
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    for (const statement of downs) await queryRunner.query(statement);
  }
}
