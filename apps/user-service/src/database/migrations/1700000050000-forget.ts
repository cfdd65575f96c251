import type { MigrationInterface, QueryRunner } from 'typeorm';

const ups: readonly string[] = [
  // What is kept for a time is found by its age.
  'CREATE INDEX alerts_ended ON alerts (ended_at_ms) WHERE ended_at_ms IS NOT NULL',
  'ALTER TABLE alerts ADD COLUMN is_evidence_gone BOOLEAN NOT NULL DEFAULT FALSE',
  'CREATE INDEX alerts_evidence ON alerts (ended_at_ms) WHERE ended_at_ms IS NOT NULL AND NOT is_evidence_gone',
  'CREATE INDEX inbox_age ON inbox (shown_at_ms)',
  // An answer that is kept for requests that come twice names the person, too.
  `CREATE FUNCTION users_forget() RETURNS trigger LANGUAGE plpgsql AS $$
  BEGIN
    DELETE FROM idempotency_keys WHERE scope LIKE 'POST /users/' || OLD.id || '/%' OR answer->>'location' = '/users/' || OLD.id;
    RETURN NULL;
  END $$`,
  `CREATE INDEX idempotency_keys_location ON idempotency_keys ((answer->>'location'))`,
  'CREATE INDEX idempotency_keys_scope ON idempotency_keys (scope text_pattern_ops)',
  'CREATE TRIGGER users_forget AFTER DELETE ON users FOR EACH ROW EXECUTE FUNCTION users_forget()',
];

const downs: readonly string[] = [
  'DROP TRIGGER users_forget ON users',
  'DROP INDEX idempotency_keys_scope, idempotency_keys_location',
  'DROP FUNCTION users_forget',
  'DROP INDEX inbox_age, alerts_evidence, alerts_ended',
  'ALTER TABLE alerts DROP COLUMN is_evidence_gone',
];

/** What is old is forgotten, and of a person who is removed nothing is left behind. */
export class Forget1700000050000 implements MigrationInterface {
  readonly name = 'Forget1700000050000';

  async up(queryRunner: QueryRunner): Promise<void> {
    for (const statement of ups) await queryRunner.query(statement);
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    for (const statement of downs) await queryRunner.query(statement);
  }
}
