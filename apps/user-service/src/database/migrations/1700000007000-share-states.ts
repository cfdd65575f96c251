import type { MigrationInterface, QueryRunner } from 'typeorm';

const ups: readonly string[] = [
  // What all rules of a limit know alike, written once for all of them. stale_at_ms: from then on its silence means something.
  `CREATE TABLE limit_states (
    limit_id BIGINT PRIMARY KEY REFERENCES alert_limits ON DELETE CASCADE,
    state JSONB NOT NULL,
    stale_at_ms BIGINT NOT NULL
  )`,

  // Since when a version of a rule holds: what was stale by then it does not look at.
  'ALTER TABLE alert_rules ADD COLUMN since_ms BIGINT NOT NULL DEFAULT 0',
  `CREATE FUNCTION alert_rules_since() RETURNS trigger LANGUAGE plpgsql AS $$
  BEGIN
    IF TG_OP = 'INSERT' OR NEW.version <> OLD.version THEN NEW.since_ms := NEW.updated_at_ms; END IF;
    RETURN NEW;
  END $$`,
  // After alert_rules_follow: triggers fire in the order of their names.
  'CREATE TRIGGER alert_rules_since BEFORE INSERT OR UPDATE ON alert_rules FOR EACH ROW EXECUTE FUNCTION alert_rules_since()',

  // Values of the limit within calm_from..calm_to change nothing of the rule's own; without such a range each of them is looked at.
  `ALTER TABLE alert_states ADD COLUMN limit_id BIGINT,
    ADD COLUMN calm_from DOUBLE PRECISION NOT NULL DEFAULT 'Infinity',
    ADD COLUMN calm_to DOUBLE PRECISION NOT NULL DEFAULT '-Infinity'`,
  'UPDATE alert_states s SET limit_id = r.limit_id FROM alert_rules r WHERE r.id = s.rule_id',
  `INSERT INTO alert_states (rule_id, limit_id, state, is_idle)
   SELECT id, limit_id, 'null', TRUE FROM alert_rules ON CONFLICT (rule_id) DO NOTHING`,
  'CREATE INDEX alert_states_calm_from ON alert_states (limit_id, calm_from)',
  'CREATE INDEX alert_states_calm_to ON alert_states (limit_id, calm_to)',

  // Each rule has a row here, so that one look finds the rules that a value concerns.
  `CREATE FUNCTION alert_rules_watch() RETURNS trigger LANGUAGE plpgsql AS $$
  BEGIN
    IF TG_OP = 'INSERT' THEN
      INSERT INTO alert_states (rule_id, limit_id, state, is_idle) SELECT id, limit_id, 'null', TRUE FROM made;
    ELSIF TG_OP = 'UPDATE' THEN
      UPDATE alert_states SET limit_id = NEW.limit_id, calm_from = 'Infinity', calm_to = '-Infinity', is_idle = FALSE
        WHERE rule_id = NEW.id;
    ELSE
      INSERT INTO alert_states (rule_id, limit_id, state, is_idle)
        SELECT id, limit_id, 'null', TRUE FROM alert_rules WHERE id = OLD.rule_id;
    END IF;
    RETURN NULL;
  END $$`,
  `CREATE TRIGGER alert_rules_watch AFTER INSERT ON alert_rules REFERENCING NEW TABLE AS made
    FOR EACH STATEMENT EXECUTE FUNCTION alert_rules_watch()`,
  `CREATE TRIGGER alert_rules_watch_again AFTER UPDATE ON alert_rules FOR EACH ROW
    WHEN (OLD.version <> NEW.version) EXECUTE FUNCTION alert_rules_watch()`,
  // Who mends a state by removing it has the rule begin anew.
  'CREATE TRIGGER alert_states_anew AFTER DELETE ON alert_states FOR EACH ROW EXECUTE FUNCTION alert_rules_watch()',
];

const downs: readonly string[] = [
  'DROP TRIGGER alert_states_anew ON alert_states',
  'DROP TRIGGER alert_rules_watch_again ON alert_rules',
  'DROP TRIGGER alert_rules_watch ON alert_rules',
  'DROP FUNCTION alert_rules_watch',
  // Each rule knows for itself again what its limit knew for it.
  `UPDATE alert_states s SET state = s.state || l.state FROM limit_states l
   WHERE l.limit_id = s.limit_id AND jsonb_typeof(s.state->'last') = 'object'`,
  "DELETE FROM alert_states WHERE state = 'null'",
  'DROP INDEX alert_states_calm_from, alert_states_calm_to',
  'ALTER TABLE alert_states DROP COLUMN limit_id, DROP COLUMN calm_from, DROP COLUMN calm_to',
  'DROP TRIGGER alert_rules_since ON alert_rules',
  'DROP FUNCTION alert_rules_since',
  'ALTER TABLE alert_rules DROP COLUMN since_ms',
  'DROP TABLE limit_states',
];

/** What the values of a limit are is kept once for all of its rules; a rule's own state is written when something of it changes. */
export class ShareStates1700000007000 implements MigrationInterface {
  readonly name = 'ShareStates1700000007000';

  async up(queryRunner: QueryRunner): Promise<void> {
    for (const statement of ups) await queryRunner.query(statement);
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    for (const statement of downs) await queryRunner.query(statement);
  }
}
