import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * What goes with a rule or a place is found by an index, as PostgreSQL looks for it at each removal; and the inbox is in the order in which it
 * was shown.
 */
export class IndexAlerts1700000005000 implements MigrationInterface {
  readonly name = 'IndexAlerts1700000005000';

  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query('CREATE INDEX alerts_rule ON alerts (rule_id, raised_at_ms DESC)');
    await queryRunner.query('CREATE INDEX alert_rules_place ON alert_rules (place_id) WHERE place_id IS NOT NULL');
    await queryRunner.query('CREATE INDEX inbox_shown ON inbox (user_id, shown_at_ms DESC, id DESC)');
    await queryRunner.query('DROP INDEX inbox_user');
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query('CREATE INDEX inbox_user ON inbox (user_id, id DESC)');
    await queryRunner.query('DROP INDEX inbox_shown, alert_rules_place, alerts_rule');
  }
}
