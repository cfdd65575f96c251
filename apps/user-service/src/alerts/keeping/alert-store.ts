import type { EntityManager } from 'typeorm';
import type { Severity, Transition } from '../life/types.js';
import { breaksThrough, defaultBudget, quietUntil } from '../notices/policy.js';
import { noticeOf, type Notice } from './notice.js';
import { keepEpisodes } from './episode-store.js';
import { keepStates } from './state-store.js';
import type { WatchedRule } from './watched-rule.js';

/** What a rule went through in one piece of work. */
export interface Change {
  readonly watched: WatchedRule;
  readonly transitions: readonly Transition[];
}

/** Channel of NOTIFY on which other replicas hear whose alerts changed. */
export const alertsChannel = 'isobar_alerts';

/** Tells every replica that somebody's alerts changed, once that is committed. */
export const tellNews = (manager: EntityManager, userId: string): Promise<unknown> =>
  manager.query('SELECT pg_notify($1, $2)', [alertsChannel, userId]);

/** Writes what became of rules: states, episodes, transitions and notices. */
export async function keep(manager: EntityManager, changes: readonly Change[], nowMs: number): Promise<void> {
  if (changes.length === 0) return;
  await keepStates(
    manager,
    changes.map(({ watched }) => watched),
  );
  await keepEpisodes(manager, changes);
  const told = new Set<string>();
  for (const { watched, transitions } of changes)
    for (const transition of transitions) {
      await tellTransition(manager, watched, transition, nowMs);
      told.add(watched.userId);
    }
  if (told.size > 0)
    await manager.query('SELECT pg_notify($1, u) FROM unnest($2::text[]) AS u', [alertsChannel, [...told]]);
}

async function tellTransition(
  manager: EntityManager,
  { userId, rule, quiet }: WatchedRule,
  transition: Transition,
  nowMs: number,
): Promise<void> {
  const { episodeId, kind } = transition;
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
