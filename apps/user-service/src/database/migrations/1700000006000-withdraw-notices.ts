import type { MigrationInterface, QueryRunner } from 'typeorm';

const endAlerts = (withdraw: string): string => `
  CREATE OR REPLACE FUNCTION alert_rules_end() RETURNS trigger LANGUAGE plpgsql AS $$
  DECLARE now_ms BIGINT := floor(extract(epoch FROM clock_timestamp()) * 1000);
  BEGIN
    ${withdraw}
    UPDATE alerts SET ended_at_ms = greatest(now_ms, raised_at_ms), end_reason = 'rule-removed'
      WHERE rule_id = OLD.id AND ended_at_ms IS NULL;
    RETURN OLD;
  END $$`;

/** With a rule that goes, whoever removed it, goes what nobody was told yet of its open alert. */
export class WithdrawNotices1700000006000 implements MigrationInterface {
  readonly name = 'WithdrawNotices1700000006000';

  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(
      endAlerts(`DELETE FROM inbox USING alerts a
      WHERE a.rule_id = OLD.id AND a.ended_at_ms IS NULL AND inbox.alert_id = a.id AND inbox.shown_at_ms > now_ms;`),
    );
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(endAlerts(''));
  }
}
