import type { EntityManager } from 'typeorm';
import type { Severity, Transition } from '../life/types.js';
import { breaksThrough, defaultBudget, quietUntil } from '../notices/policy.js';
import { noticeOf, type Notice } from './notice.js';
import { isIdle, toWatchedRule, type WatchedRule } from './watched-rule.js';

/** What a rule went through in one piece of work. */
export interface Change {
  readonly watched: WatchedRule;
  readonly transitions: readonly Transition[];
}

/** Channel of NOTIFY on which other replicas hear whose alerts changed. */
export const alertsChannel = 'isobar_alerts';

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
       cool_down_ms, severity, version, quiet_from, quiet_to, quiet_zone
     FROM alert_rules WHERE ${condition} ORDER BY id FOR NO KEY UPDATE ${whenLocked}`,
    values,
  );
  if (rows.length === 0) return [];
  const states: { rule_id: string; state: unknown }[] = await manager.query(
    'SELECT rule_id, state FROM alert_states WHERE rule_id = ANY($1::bigint[])',
    [rows.map(({ id }) => id)],
  );
  const stateOf = new Map(states.map(({ rule_id: id, state }) => [id, state]));
  return rows.flatMap((row) => toWatchedRule({ ...row, state: stateOf.get(row.id) }) ?? []);
}

/** Tells every replica that somebody's alerts changed, once that is committed. */
export const tellNews = (manager: EntityManager, userId: string): Promise<unknown> =>
  manager.query('SELECT pg_notify($1, $2)', [alertsChannel, userId]);

/** The enabled rules of limits. */
export const rulesOfLimits = (manager: EntityManager, limitIds: readonly number[]): Promise<WatchedRule[]> =>
  watchedRules(manager, 'limit_id = ANY($1::bigint[])', [limitIds]);

export const ruleOf = async (manager: EntityManager, ruleId: string): Promise<WatchedRule | undefined> =>
  (await watchedRules(manager, 'id = $1', [ruleId]))[0];

export async function hasBusyRules(manager: EntityManager): Promise<boolean> {
  const rows: unknown[] = await manager.query('SELECT FROM alert_states WHERE NOT is_idle LIMIT 1');
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
): Promise<{ rules: WatchedRule[]; nextAfterId: string | undefined }> {
  const rows: { rule_id: string }[] = await manager.query(
    'SELECT rule_id FROM alert_states WHERE NOT is_idle AND rule_id > $1 ORDER BY rule_id LIMIT $2',
    [afterId, atMost],
  );
  const ids = rows.map(({ rule_id: id }) => id);
  return {
    rules: await watchedRules(manager, 'id = ANY($1::bigint[])', [ids], 'SKIP LOCKED'),
    nextAfterId: ids.length === atMost ? ids.at(-1) : undefined,
  };
}

/** Writes what became of rules: states, episodes, transitions and notices. */
export async function keep(manager: EntityManager, changes: readonly Change[], nowMs: number): Promise<void> {
  if (changes.length === 0) return;
  await manager.query(
    `INSERT INTO alert_states (rule_id, state, is_idle)
     SELECT rule_id, state, is_idle FROM jsonb_to_recordset($1::jsonb) AS n(rule_id bigint, state jsonb, is_idle boolean)
     ON CONFLICT (rule_id) DO UPDATE SET state = EXCLUDED.state, is_idle = EXCLUDED.is_idle`,
    [JSON.stringify(changes.map(({ watched: { id, state } }) => ({ rule_id: id, state, is_idle: isIdle(state) })))],
  );
  const told = new Set<string>();
  for (const { watched, transitions } of changes)
    for (const transition of transitions) {
      await keepTransition(manager, watched, transition, nowMs);
      told.add(watched.userId);
    }
  for (const userId of told) await tellNews(manager, userId);
}

async function keepTransition(
  manager: EntityManager,
  { id: ruleId, userId, rule, quiet }: WatchedRule,
  transition: Transition,
  nowMs: number,
): Promise<void> {
  const { episodeId, kind, ordinal, atMs, severity, startMs, value, peakValue } = transition;
  if (kind === 'raised' || kind === 'late-finding') {
    const isPast = kind === 'late-finding';
    const ended = isPast ? [atMs, 'late-finding'] : [null, null];
    await manager.query(
      `INSERT INTO alerts
         (id, user_id, rule_id, rule, severity, started_at_ms, raised_at_ms, ended_at_ms, end_reason, value, peak_value)
       VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11) ON CONFLICT (id) DO NOTHING`,
      [episodeId, userId, ruleId, JSON.stringify(rule), severity, startMs, atMs, ...ended, value, peakValue],
    );
  } else {
    const isEnd = kind === 'cleared' || kind === 'ended';
    await manager.query(
      `UPDATE alerts SET severity = $2, value = coalesce($3, value), peak_value = $4,
         ended_at_ms = coalesce($5, ended_at_ms), end_reason = coalesce($6, end_reason),
         acknowledged_at_ms = CASE WHEN $7 THEN $8 WHEN $9 THEN NULL ELSE acknowledged_at_ms END
       WHERE id = $1`,
      [
        episodeId,
        severity,
        value,
        peakValue,
        isEnd ? atMs : null,
        isEnd ? (kind === 'ended' ? transition.reason : 'cleared') : null,
        kind === 'acknowledged',
        atMs,
        kind === 'escalated',
      ],
    );
  }
  await manager.query(
    `INSERT INTO alert_transitions (alert_id, ordinal, transition) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING`,
    [episodeId, ordinal, JSON.stringify(transition)],
  );
  if (kind === 'ended' && transition.reason !== 'no-data')
    // Its rule is over: what nobody was told yet is no longer what they asked for.
    await manager.query('DELETE FROM inbox WHERE alert_id = $1 AND shown_at_ms > $2', [episodeId, nowMs]);
  const notice = noticeOf(rule, transition);
  if (notice === undefined) return;
  const shownAtMs = Math.max(nowMs, transition.noticeNotBeforeMs ?? 0, quietEnd(quiet, notice.severity, nowMs));
  if (notice.isEnd) await fold(manager, episodeId, notice, shownAtMs, nowMs);
  await tell(manager, userId, episodeId, notice, shownAtMs);
}

/** When the quiet hours that hold are over; critical notices do not wait. */
function quietEnd(quiet: WatchedRule['quiet'], severity: Severity, nowMs: number): number {
  if (quiet === null) return 0;
  const policy = {
    personId: '',
    zone: quiet.zone,
    quiet,
    breakThrough: 'CRITICAL',
    digestAt: quiet.to,
    ...defaultBudget,
  } as const;
  return breaksThrough(policy, severity) ? 0 : (quietUntil(policy, nowMs) ?? 0);
}

/** What began and ended before it was shown is one line, shown when its beginning would have been; what came between is past. */
async function fold(
  manager: EntityManager,
  alertId: string,
  { body }: Notice,
  shownAtMs: number,
  nowMs: number,
): Promise<void> {
  await manager.query(
    `UPDATE inbox SET kind = 'was', body = $2, shown_at_ms = least(shown_at_ms, $3)
     WHERE alert_id = $1 AND kind = 'raised' AND shown_at_ms > $4`,
    [alertId, body, shownAtMs, nowMs],
  );
  await manager.query(
    `DELETE FROM inbox WHERE alert_id = $1 AND kind IN ('escalated', 'no-data', 'reminder') AND shown_at_ms > $2`,
    [alertId, nowMs],
  );
}

/** Whoever was told of nothing, or of all of it at once, is not told that it is over. */
async function tell(
  manager: EntityManager,
  userId: string,
  alertId: string,
  notice: Notice,
  shownAtMs: number,
): Promise<void> {
  const { key, kind, severity, atMs, body, isFollowUp } = notice;
  await manager.query(
    `INSERT INTO inbox (notice_key, user_id, alert_id, kind, severity, at_ms, body, shown_at_ms)
     SELECT $1, $2, $3, $4, $5, $6, $7, $9
     WHERE NOT $8 OR EXISTS (SELECT FROM inbox WHERE alert_id = $3 AND kind <> 'was')
     ON CONFLICT ON CONSTRAINT inbox_notice_once DO NOTHING`,
    [key, userId, alertId, kind, severity, atMs, body, isFollowUp, shownAtMs],
  );
}
