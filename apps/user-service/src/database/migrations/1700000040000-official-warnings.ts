import type { MigrationInterface, QueryRunner } from 'typeorm';

const ups: readonly string[] = [
  // The newest of each official warning of each city, for people who come later. What ended is kept while an old copy of a list may come.
  `CREATE TABLE official_warnings (
    key TEXT PRIMARY KEY,
    city_key TEXT NOT NULL,
    warning JSONB NOT NULL,
    is_active BOOLEAN NOT NULL,
    fetched_at_ms BIGINT NOT NULL
  )`,
  'CREATE INDEX official_warnings_city ON official_warnings (city_key) WHERE is_active',
  // What a person was told of official events, and of which cities they were told.
  `CREATE TABLE official_states (
    user_id BIGINT PRIMARY KEY REFERENCES users ON DELETE CASCADE,
    state JSONB NOT NULL,
    cities TEXT[] NOT NULL
  )`,
  // From which severity on a person wants to be told; who has no row is told from Minor on.
  `CREATE TABLE official_settings (
    user_id BIGINT PRIMARY KEY REFERENCES users ON DELETE CASCADE,
    from_severity TEXT NOT NULL
  )`,
  'CREATE INDEX places_city ON places (city_key)',
];

const downs: readonly string[] = [
  'DROP INDEX places_city',
  'DROP TABLE official_settings, official_states, official_warnings',
];

/** Official warnings reach the people who have a place in their area. */
export class OfficialWarnings1700000040000 implements MigrationInterface {
  readonly name = 'OfficialWarnings1700000040000';

  async up(queryRunner: QueryRunner): Promise<void> {
    for (const statement of ups) await queryRunner.query(statement);
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    for (const statement of downs) await queryRunner.query(statement);
  }
}
