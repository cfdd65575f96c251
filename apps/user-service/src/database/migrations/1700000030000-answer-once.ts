import type { MigrationInterface, QueryRunner } from 'typeorm';

const ups: readonly string[] = [
  // The answers to requests that came with an Idempotency-Key, kept in the transaction of what they did.
  `CREATE TABLE idempotency_keys (
    scope TEXT NOT NULL,
    key TEXT NOT NULL,
    request_hash TEXT NOT NULL,
    answer JSON,
    created_at_ms BIGINT NOT NULL,
    PRIMARY KEY (scope, key)
  )`,
  'CREATE INDEX idempotency_keys_age ON idempotency_keys (created_at_ms)',
  // Whatever type others give a column, its text can be searched, and the index does not stand in their way.
  `CREATE FUNCTION search_text(value ANYELEMENT) RETURNS TEXT LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$ SELECT lower(value::text) $$`,
  'CREATE INDEX users_search_username ON users (search_text(username) text_pattern_ops)',
  'CREATE INDEX users_search_name ON users (search_text(full_name) text_pattern_ops)',
];

const downs: readonly string[] = [
  'DROP INDEX users_search_name, users_search_username',
  'DROP FUNCTION search_text',
  'DROP TABLE idempotency_keys',
];

/** A request that is sent twice is done once; people are found by the beginning of their names. */
export class AnswerOnce1700000030000 implements MigrationInterface {
  readonly name = 'AnswerOnce1700000030000';

  async up(queryRunner: QueryRunner): Promise<void> {
    for (const statement of ups) await queryRunner.query(statement);
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    for (const statement of downs) await queryRunner.query(statement);
  }
}
