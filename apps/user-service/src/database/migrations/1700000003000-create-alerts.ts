import type { MigrationInterface, QueryRunner } from 'typeorm';

const ups: readonly string[] = [
  // What the machine remembers of a rule. is_idle: time alone changes nothing.
  `CREATE TABLE alert_states (
    rule_id BIGINT PRIMARY KEY REFERENCES alert_rules ON DELETE CASCADE,
    state JSONB NOT NULL,
    is_idle BOOLEAN NOT NULL
  )`,
  'CREATE INDEX alert_states_busy ON alert_states (rule_id) WHERE NOT is_idle',

  // An episode, from raised to its end. The rule as it was is kept with it: the person's rule may change or go.
  `CREATE TABLE alerts (
    id TEXT PRIMARY KEY,
    user_id BIGINT NOT NULL REFERENCES users ON DELETE CASCADE,
    rule_id BIGINT REFERENCES alert_rules ON DELETE SET NULL,
    rule JSONB NOT NULL,
    severity TEXT NOT NULL,
    started_at_ms BIGINT NOT NULL,
    raised_at_ms BIGINT NOT NULL,
    ended_at_ms BIGINT,
    end_reason TEXT,
    acknowledged_at_ms BIGINT,
    snoozed_until_ms BIGINT,
    value DOUBLE PRECISION,
    peak_value DOUBLE PRECISION,
    held_until_ms BIGINT
  )`,
  'CREATE INDEX alerts_user ON alerts (user_id, raised_at_ms DESC, id DESC)',
  'CREATE UNIQUE INDEX alerts_one_open ON alerts (rule_id) WHERE ended_at_ms IS NULL',
  'CREATE INDEX alerts_held ON alerts (held_until_ms) WHERE held_until_ms IS NOT NULL',
  `CREATE TABLE alert_transitions (
    alert_id TEXT NOT NULL REFERENCES alerts ON DELETE CASCADE,
    ordinal INTEGER NOT NULL,
    transition JSONB NOT NULL,
    PRIMARY KEY (alert_id, ordinal)
  )`,
  // The key of a notice is the same whoever makes it, so that a second one is refused.
  `CREATE TABLE inbox (
    id BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    notice_key TEXT NOT NULL CONSTRAINT inbox_notice_once UNIQUE,
    user_id BIGINT NOT NULL REFERENCES users ON DELETE CASCADE,
    alert_id TEXT NOT NULL REFERENCES alerts ON DELETE CASCADE,
    kind TEXT NOT NULL,
    severity TEXT NOT NULL,
    at_ms BIGINT NOT NULL,
    body TEXT NOT NULL
  )`,
  'CREATE INDEX inbox_user ON inbox (user_id, id DESC)',
  'CREATE INDEX inbox_alert ON inbox (alert_id)',

  // How far the signals were taken, in the transaction of what came of them. Each assignment has a generation of its own.
  `CREATE TABLE consumed_offsets (
    consumer_group TEXT NOT NULL,
    topic TEXT NOT NULL,
    partition INTEGER NOT NULL,
    next_offset BIGINT NOT NULL,
    generation BIGINT NOT NULL,
    PRIMARY KEY (consumer_group, topic, partition)
  )`,

  // A rule that goes ends its open alert, whoever removed it.
  `CREATE FUNCTION alert_rules_end() RETURNS trigger LANGUAGE plpgsql AS $$
  DECLARE now_ms BIGINT := floor(extract(epoch FROM clock_timestamp()) * 1000);
  BEGIN
    UPDATE alerts SET ended_at_ms = greatest(now_ms, raised_at_ms), end_reason = 'rule-removed', held_until_ms = NULL
      WHERE rule_id = OLD.id AND ended_at_ms IS NULL;
    RETURN OLD;
  END $$`,
  'CREATE TRIGGER alert_rules_end BEFORE DELETE ON alert_rules FOR EACH ROW EXECUTE FUNCTION alert_rules_end()',
];

const downs: readonly string[] = [
  'DROP TRIGGER alert_rules_end ON alert_rules',
  'DROP FUNCTION alert_rules_end',
  'DROP TABLE consumed_offsets, inbox, alert_transitions, alerts, alert_states',
];

/** What is kept of alerts: states, episodes, what led to each change, the inbox, and how far the signals were taken. */
export class CreateAlerts1700000003000 implements MigrationInterface {
  readonly name = 'CreateAlerts1700000003000';

  async up(queryRunner: QueryRunner): Promise<void> {
    for (const statement of ups) await queryRunner.query(statement);
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    for (const statement of downs) await queryRunner.query(statement);
  }
}
