import type { EntityManager } from 'typeorm';
import { isFrozenRule, type FrozenRule } from '../keeping/watched-rule.js';
import type { Notice, NoticeEvent } from '../notices/notice.js';
import { newNoticeState, plan, type NoticeState } from '../notices/plan.js';
import type { PersonPolicy } from '../notices/policy.js';
import { channels } from '../../rules/rule-fields.js';
import { publish } from '../../delivery/outbox.js';
import { queue } from '../../delivery/queue.js';
import { policyOf, settingsOf, toldRules, type ToldRule } from './person-policy.js';
import { noticeIdOf, toToldLine, type ToldLine, type ToldNotice } from './told-notice.js';

/** What waits of a person, locked. */
interface Listener {
  readonly userId: string;
  readonly state: NoticeState;
}

/** By person what befell them, in order. */
export type News = ReadonlyMap<string, readonly NoticeEvent[]>;

/**
 * Tells people what is to be told now of what befell them and of what waited, in the transaction in which it befell them. Each person is
 * locked until its end, in the order of the ids, so that whoever tells the same person comes before or after.
 *
 * @param nowMs processing time, epoch milliseconds
 */
export async function tell(manager: EntityManager, news: News, nowMs: number): Promise<void> {
  const userIds = [...news].filter(([, events]) => events.length > 0).map(([userId]) => userId);
  if (userIds.length === 0) return;
  await manager.query(
    `INSERT INTO notice_states (user_id, state) SELECT id, $2 FROM unnest($1::bigint[]) AS id ORDER BY id
     ON CONFLICT DO NOTHING`,
    [userIds, JSON.stringify(newNoticeState())],
  );
  const rows: unknown[] = await manager.query(
    'SELECT user_id, state FROM notice_states WHERE user_id = ANY($1::bigint[]) ORDER BY user_id FOR UPDATE',
    [userIds],
  );
  await tellListeners(manager, rows.map(toListener), news, nowMs);
}

/**
 * Tells what waited for its time; who is being told by somebody else is left to them.
 *
 * @returns whose time it was
 */
export async function tellDue(manager: EntityManager, nowMs: number, atMost: number): Promise<readonly string[]> {
  const rows: unknown[] = await manager.query(
    `SELECT user_id, state FROM notice_states WHERE next_at_ms <= $1
     ORDER BY next_at_ms, user_id LIMIT $2 FOR UPDATE SKIP LOCKED`,
    [nowMs, atMost],
  );
  const listeners = rows.map(toListener);
  await tellListeners(manager, listeners, new Map(), nowMs);
  return listeners.map(({ userId }) => userId);
}

function toListener(row: unknown): Listener {
  const { user_id: userId, state } = row as { user_id: string; state: Partial<NoticeState> };
  return { userId, state: isNoticeState(state) ? state : newNoticeState() };
}

/** The planner reads what it wrote itself; what others put there is told by its outline. */
function isNoticeState(state: Partial<NoticeState>): state is NoticeState {
  const { format, told, held, interruptedMs, outages, endedRules } = state;
  const isMap = (value: unknown): boolean => typeof value === 'object' && value !== null;
  return (
    format === 1 &&
    Array.isArray(told) &&
    Array.isArray(held) &&
    held.every(({ line, untilMs }) => isMap(line?.key) && Number.isFinite(untilMs)) &&
    Array.isArray(interruptedMs) &&
    isMap(outages) &&
    isMap(endedRules)
  );
}

async function tellListeners(
  manager: EntityManager,
  listeners: readonly Listener[],
  news: News,
  nowMs: number,
): Promise<void> {
  if (listeners.length === 0) return;
  const settings = await settingsOf(
    manager,
    listeners.map(({ userId }) => userId),
  );
  const closed = await closedWithRule(manager, listeners);
  const rulesOf = new Map(listeners.map((listener) => [listener.userId, ruleIdsOf(listener, news)]));
  const rules = await toldRules(manager, [...new Set([...rulesOf.values()].flat())]);
  const planned = listeners.map(({ userId, state }) => {
    const mine = (rulesOf.get(userId) ?? []).flatMap((id) => {
      const rule = rules.get(id);
      return rule === undefined ? [] : [[id, rule] as const];
    });
    const policy = policyOf(userId, settings.get(userId), mine);
    const events = [...endsOfRules(state, rules), ...(news.get(userId) ?? [])];
    return { policy, ...plan(policy, withoutClosed(state, closed), events, nowMs) };
  });
  await manager.query(
    `UPDATE notice_states s SET state = n.state, next_at_ms = n.next_at_ms
     FROM jsonb_to_recordset($1::jsonb) AS n(user_id bigint, state jsonb, next_at_ms bigint) WHERE s.user_id = n.user_id`,
    [
      JSON.stringify(
        planned.map(({ policy, state }) => ({
          user_id: policy.personId,
          state: { ...state, endedRules: withoutGone(state.endedRules, rules) },
          next_at_ms: nextLook(state, nowMs),
        })),
      ),
    ],
  );
  const told = await write(
    manager,
    planned.flatMap(({ policy, notices }) => notices.map((notice) => ({ policy, notice }))),
    nowMs,
  );
  await publish(manager, told);
  await queue(manager, told, ({ ruleId }) => rules.get(ruleId)?.channels ?? channels);
}

/** When something may be told next, after now; null when nothing waits. */
const nextLook = ({ held }: NoticeState, nowMs: number): number | null =>
  held.length === 0 ? null : Math.max(nowMs + 1, Math.min(...held.map(({ untilMs }) => untilMs)));

/** Rules of people have numbers; others have no row. */
const isOfPerson = (ruleId: string): boolean => /^\d{1,18}$/.test(ruleId);

const ruleIdsOf = ({ userId, state }: Listener, news: News): string[] => {
  const told = (news.get(userId) ?? []).map((event) =>
    event.kind === 'rule-ended' ? event.ruleId : event.line.ruleId,
  );
  const ids = [...told, ...state.held.map(({ line }) => line.ruleId)];
  return [...new Set(ids)].filter(isOfPerson);
};

/** What waits of a rule that was changed, switched off or removed is no longer what the person asked for, whoever did that. */
function endsOfRules({ held }: NoticeState, rules: ReadonlyMap<string, ToldRule>): NoticeEvent[] {
  const ends = held.flatMap(({ line: { ruleId, ruleVersion } }): NoticeEvent[] => {
    if (!isOfPerson(ruleId)) return [];
    const rule = rules.get(ruleId);
    const isOver = rule === undefined || !rule.isEnabled || rule.version > ruleVersion;
    return isOver ? [{ kind: 'rule-ended', ruleId, version: ruleVersion }] : [];
  });
  return ends;
}

/**
 * A rule that is gone, and whose events were taken, tells nothing more: it need not be remembered. An official event must not be: it begins
 * anew for who comes back to its area.
 */
const withoutGone = (
  ended: NoticeState['endedRules'],
  rules: ReadonlyMap<string, ToldRule>,
): NoticeState['endedRules'] => Object.fromEntries(Object.entries(ended).filter(([id]) => rules.has(id)));

/** Of the alerts that people were told of, those that ended with their rule: nothing more comes of them. */
async function closedWithRule(manager: EntityManager, listeners: readonly Listener[]): Promise<ReadonlySet<string>> {
  const ids = listeners.flatMap(({ state }) => [...state.told, ...Object.values(state.outages).flat()]);
  if (ids.length === 0) return new Set();
  const rows: { id: string }[] = await manager.query(
    `SELECT id FROM alerts WHERE id = ANY($1::text[])
       AND end_reason IN ('rule-removed', 'rule-changed', 'rule-disabled', 'person-gone')`,
    [ids],
  );
  return new Set(rows.map(({ id }) => id));
}

function withoutClosed(state: NoticeState, closed: ReadonlySet<string>): NoticeState {
  if (closed.size === 0) return state;
  const isOpen = (id: string): boolean => !closed.has(id);
  const outages = Object.entries(state.outages).flatMap(([placeId, ids]) => {
    const open = ids.filter(isOpen);
    return open.length === 0 ? [] : [[placeId, open] as const];
  });
  return { ...state, told: state.told.filter(isOpen), outages: Object.fromEntries(outages) };
}

interface PlannedNotice {
  readonly policy: PersonPolicy;
  readonly notice: Notice;
}

/** @returns what was told that had not been told before */
async function write(manager: EntityManager, planned: readonly PlannedNotice[], nowMs: number): Promise<ToldNotice[]> {
  if (planned.length === 0) return [];
  const rules = await rulesOfAlerts(manager, planned);
  const toldLines = planned.map(({ policy, notice }) => ({
    policy,
    notice,
    lines: notice.lines.map((line) => toToldLine(line, rules.get(line.key.episodeId), policy)),
  }));
  const notices = toldLines.map(({ policy, notice, lines }): ToldNotice => {
    const { delivery, more } = notice;
    const { personId: userId } = policy;
    return { id: noticeIdOf(userId, lines), userId, delivery, more, toldAtMs: nowMs, lines };
  });
  return intoInbox(manager, notices);
}

/** The rules of the alerts that are told of, as they were when the alert was raised. */
async function rulesOfAlerts(
  manager: EntityManager,
  planned: readonly PlannedNotice[],
): Promise<Map<string, FrozenRule>> {
  const ids = planned.flatMap(({ notice }) => notice.lines.map(({ key }) => key.episodeId));
  const rows: { id: string; rule: FrozenRule | null }[] = await manager.query(
    'SELECT id, rule FROM alerts WHERE id = ANY($1::text[])',
    [[...new Set(ids)]],
  );
  return new Map(rows.flatMap(({ id, rule }) => (isFrozenRule(rule) ? [[id, rule] as const] : [])));
}

/**
 * Each line once, whoever comes to the same result.
 *
 * @returns the notices with the lines that were new
 */
async function intoInbox(manager: EntityManager, notices: readonly ToldNotice[]): Promise<ToldNotice[]> {
  const rows = notices.flatMap((notice) =>
    // Backwards: the inbox has the newest first, and of those the most severe.
    [...notice.lines].reverse().map((told) => inboxRow(notice, told)),
  );
  const written: { notice_key: string }[] = await manager.query(
    `INSERT INTO inbox (notice_key, user_id, alert_id, notice_id, kind, severity, delivery, at_ms, shown_at_ms, body)
     SELECT notice_key, user_id, alert_id, notice_id, kind, severity, delivery, at_ms, shown_at_ms, body
     FROM jsonb_to_recordset($1::jsonb) AS n(notice_key text, user_id bigint, alert_id text, notice_id text, kind text,
       severity text, delivery text, at_ms bigint, shown_at_ms bigint, body text)
     ON CONFLICT ON CONSTRAINT inbox_notice_once DO NOTHING RETURNING notice_key`,
    [JSON.stringify(rows)],
  );
  const isNew = new Set(written.map(({ notice_key: key }) => key));
  return notices.flatMap((notice) => {
    const lines = notice.lines.filter(({ key }) => isNew.has(key));
    return lines.length === 0 ? [] : [{ ...notice, lines }];
  });
}

const inboxRow = (notice: ToldNotice, { key, alertId, line, body }: ToldLine): Record<string, unknown> => ({
  notice_key: key,
  user_id: notice.userId,
  alert_id: alertId,
  notice_id: notice.id,
  kind: line.key.kind,
  severity: line.severity,
  delivery: notice.delivery,
  at_ms: line.atMs,
  shown_at_ms: notice.toldAtMs,
  body,
});
