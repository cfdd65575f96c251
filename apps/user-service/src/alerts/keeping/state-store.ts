import type { EntityManager } from 'typeorm';
import { calmOf, isOwnChanged, type LimitRule, type LimitState, type Range } from '../limits/limit-life.js';
import { isIdle, isLimitState, toLimitRule, toWatchedRule, type WatchedRule } from './watched-rule.js';

/** A limit that rules are about, and what is known of it. */
export interface WatchedLimit {
  readonly id: number;
  readonly rule: LimitRule;
  /** undefined: nothing was heard of it yet, or others wrote what no state can be. */
  readonly state: LimitState | undefined;
}

/** @returns by id; without those that no rule asks for any more */
export async function watchedLimits(
  manager: EntityManager,
  ids: readonly number[],
): Promise<ReadonlyMap<number, WatchedLimit>> {
  const rows: { id: string; state: LimitState | null }[] = await manager.query(
    `SELECT l.id, l.metric, l.comparison, l.threshold, l.deadband, s.state
     FROM alert_limits l LEFT JOIN limit_states s ON s.limit_id = l.id WHERE l.id = ANY($1::bigint[])`,
    [ids],
  );
  return new Map(
    rows.flatMap((row) => {
      const rule = toLimitRule(row);
      if (rule === undefined) return [];
      const state = isLimitState(row.state) ? (row.state ?? undefined) : undefined;
      return [[Number(row.id), { id: Number(row.id), rule, state }]];
    }),
  );
}

/** Writes what was heard of limits. A limit that went meanwhile needs nothing. */
export async function keepLimits(manager: EntityManager, limits: readonly WatchedLimit[]): Promise<void> {
  if (limits.length === 0) return;
  await manager.query(
    `INSERT INTO limit_states (limit_id, state, stale_at_ms)
     SELECT n.limit_id, n.state, n.stale_at_ms
     FROM jsonb_to_recordset($1::jsonb) AS n(limit_id bigint, state jsonb, stale_at_ms bigint)
     JOIN (SELECT id FROM alert_limits WHERE id = ANY($2::bigint[]) ORDER BY id FOR KEY SHARE) l ON l.id = n.limit_id
     ON CONFLICT (limit_id) DO UPDATE SET state = EXCLUDED.state, stale_at_ms = EXCLUDED.stale_at_ms`,
    [
      JSON.stringify(
        limits.map(({ id, rule, state }) => ({
          limit_id: id,
          state,
          stale_at_ms: (state?.heardMs ?? 0) + rule.staleAfterMs,
        })),
      ),
      limits.map(({ id }) => id),
    ],
  );
}

/**
 * Each rule is locked for as long as something is decided about it, in the order of the ids: a change of the rule comes before or after. The
 * states are asked for once the locks are there: a statement that waits for a lock would go on with the state of before its wait.
 */
async function watchedRules(
  manager: EntityManager,
  condition: string,
  values: unknown[],
  whenLocked: '' | 'SKIP LOCKED' = '',
): Promise<WatchedRule[]> {
  const rows: { id: string }[] = await manager.query(
    `SELECT id, user_id, limit_id, place_id, city_key, name, metric, comparison, threshold, deadband, on_delay_ms, off_delay_ms,
       cool_down_ms, severity, version, since_ms
     FROM alert_rules WHERE ${condition} ORDER BY id FOR NO KEY UPDATE ${whenLocked}`,
    values,
  );
  if (rows.length === 0) return [];
  const states: { rule_id: string }[] = await manager.query(
    `SELECT s.rule_id, s.state, s.is_idle, s.calm_from, s.calm_to, l.state AS limit_state
     FROM alert_states s LEFT JOIN limit_states l ON l.limit_id = s.limit_id WHERE s.rule_id = ANY($1::bigint[])`,
    [rows.map(({ id }) => id)],
  );
  const stateOf = new Map(states.map(({ rule_id: id, ...state }) => [id, state]));
  return rows.flatMap((row) => toWatchedRule({ ...row, ...stateOf.get(row.id) }) ?? []);
}

/**
 * The rules whose calm does not hold the values of their limit, a page of them.
 *
 * @param values by limit, the lowest and the highest
 */
export async function concernedRules(
  manager: EntityManager,
  values: ReadonlyMap<number, Range>,
  afterId: string,
  atMost: number,
): Promise<{ rules: WatchedRule[]; nextAfterId: string | undefined }> {
  // As text: JSON knows no infinity.
  const ranges = [...values].map(([limit, { from, to }]) => ({ limit, low: String(from), high: String(to) }));
  const rows: { rule_id: string }[] = await manager.query(
    `WITH v AS (SELECT * FROM jsonb_to_recordset($1::jsonb) AS v("limit" bigint, low double precision, high double precision))
     SELECT s.rule_id FROM v JOIN alert_states s ON s.limit_id = v."limit" AND s.calm_from > v.low WHERE s.rule_id > $2
     UNION SELECT s.rule_id FROM v JOIN alert_states s ON s.limit_id = v."limit" AND s.calm_to < v.high WHERE s.rule_id > $2
     ORDER BY rule_id LIMIT $3`,
    [JSON.stringify(ranges), afterId, atMost],
  );
  const ids = rows.map(({ rule_id: id }) => id);
  const rules = ids.length === 0 ? [] : await watchedRules(manager, 'id = ANY($1::bigint[])', [ids]);
  return {
    // Some may have another limit since.
    rules: rules.filter(({ limitId }) => limitId !== null && values.has(limitId)),
    nextAfterId: ids.length === atMost ? ids.at(-1) : undefined,
  };
}

export const ruleOf = async (manager: EntityManager, ruleId: string): Promise<WatchedRule | undefined> =>
  (await watchedRules(manager, 'id = $1', [ruleId]))[0];

/** Time alone may change what is not at rest; an open alert that is steady, once its limit is silent. */
const busy = `FROM alert_states s LEFT JOIN limit_states l ON l.limit_id = s.limit_id
  WHERE NOT s.is_idle AND (s.calm_from > s.calm_to OR l.stale_at_ms IS NULL OR l.stale_at_ms < $1)`;

export async function hasBusyRules(manager: EntityManager, nowMs: number): Promise<boolean> {
  const rows: unknown[] = await manager.query(`SELECT ${busy} LIMIT 1`, [nowMs]);
  return rows.length > 0;
}

/**
 * Rules of which time alone may change something, beginning after an id; those that are being worked on are left out.
 *
 * @returns with the id to go on after, undefined when there are no more: what is left out must not end the way through the others
 */
export async function busyRules(
  manager: EntityManager,
  afterId: string,
  atMost: number,
  nowMs: number,
): Promise<{ rules: WatchedRule[]; nextAfterId: string | undefined }> {
  const rows: { rule_id: string }[] = await manager.query(
    `SELECT s.rule_id ${busy} AND s.rule_id > $2 ORDER BY s.rule_id LIMIT $3`,
    [nowMs, afterId, atMost],
  );
  const ids = rows.map(({ rule_id: id }) => id);
  return {
    rules: await watchedRules(manager, 'id = ANY($1::bigint[])', [ids], 'SKIP LOCKED'),
    nextAfterId: ids.length === atMost ? ids.at(-1) : undefined,
  };
}

/** Whether a rule has more to write than what its limit keeps for it. */
export function isToWrite(before: WatchedRule, after: WatchedRule): boolean {
  const { calm, isIdle: wasIdle } = before.kept;
  const now = calmOf(after.rule, after.state);
  const isEvaluated = (before.state.last === null) !== (after.state.last === null);
  const isMarked = calm.from === now.from && calm.to === now.to && wasIdle === isIdle(after);
  return isEvaluated || !isMarked || isOwnChanged(before.state, after.state);
}

export async function keepStates(manager: EntityManager, rules: readonly WatchedRule[]): Promise<void> {
  await manager.query(
    `INSERT INTO alert_states (rule_id, limit_id, state, is_idle, calm_from, calm_to)
     SELECT rule_id, limit_id, state, is_idle, calm_from, calm_to FROM jsonb_to_recordset($1::jsonb)
       AS n(rule_id bigint, limit_id bigint, state jsonb, is_idle boolean, calm_from double precision, calm_to double precision)
     ON CONFLICT (rule_id) DO UPDATE SET limit_id = EXCLUDED.limit_id, state = EXCLUDED.state, is_idle = EXCLUDED.is_idle,
       calm_from = EXCLUDED.calm_from, calm_to = EXCLUDED.calm_to`,
    [JSON.stringify(rules.map(stateRow))],
  );
}

function stateRow(watched: WatchedRule): object {
  const { id, limitId, rule, state } = watched;
  const { from, to } = calmOf(rule, state);
  return {
    ...{ rule_id: id, limit_id: limitId, state, is_idle: isIdle(watched) },
    ...{ calm_from: String(from), calm_to: String(to) },
  };
}
