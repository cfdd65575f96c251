import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * How often a mail address was asked whether it wants alerts, whoever had it asked. The address is kept as its hash, and for a day: of people
 * who are removed it says nothing.
 */
export class AskSparingly1700000060000 implements MigrationInterface {
  readonly name = 'AskSparingly1700000060000';

  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query('CREATE TABLE mail_questions (address_hash TEXT NOT NULL, asked_at_ms BIGINT NOT NULL)');
    await queryRunner.query('CREATE INDEX mail_questions_address ON mail_questions (address_hash, asked_at_ms)');
    await queryRunner.query('CREATE INDEX mail_questions_age ON mail_questions (asked_at_ms)');
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query('DROP TABLE mail_questions');
  }
}
