import type { MigrationInterface, QueryRunner } from 'typeorm';

const endAlerts = (forgets: string): string => `
  CREATE OR REPLACE FUNCTION alert_rules_end() RETURNS trigger LANGUAGE plpgsql AS $$
  DECLARE now_ms BIGINT := floor(extract(epoch FROM clock_timestamp()) * 1000);
  BEGIN
    UPDATE alerts SET ended_at_ms = greatest(now_ms, raised_at_ms), end_reason = 'rule-removed'${forgets}
      WHERE rule_id = OLD.id AND ended_at_ms IS NULL;
    RETURN OLD;
  END $$`;

/** A notice that waits for the end of quiet hours or of a cool-down is there, and shown from its time on. */
export class HoldNotices1700000004000 implements MigrationInterface {
  readonly name = 'HoldNotices1700000004000';

  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query('ALTER TABLE inbox ADD COLUMN shown_at_ms BIGINT NOT NULL DEFAULT 0');
    await queryRunner.query(endAlerts(''));
    await queryRunner.query('ALTER TABLE alerts DROP COLUMN held_until_ms');
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query('ALTER TABLE alerts ADD COLUMN held_until_ms BIGINT');
    await queryRunner.query('CREATE INDEX alerts_held ON alerts (held_until_ms) WHERE held_until_ms IS NOT NULL');
    await queryRunner.query(endAlerts(', held_until_ms = NULL'));
    await queryRunner.query('ALTER TABLE inbox DROP COLUMN shown_at_ms');
  }
}
