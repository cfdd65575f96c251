import { Problem } from '@isobar/service-kit';
import { isDeepStrictEqual } from 'node:util';
import type { EntityManager } from 'typeorm';
import type { Database } from '../database/database.js';
import type { PageQuery } from '../page-query.js';
import { findUser } from '../users/users.js';
import type { AlertQuery, AlertView, NoticeView, Why } from './alert-fields.js';
import { toAlertView, toInstant } from './alert-view.js';
import { keep } from './keeping/alert-store.js';
import { tellNews } from './keeping/news.js';
import { ruleOf } from './keeping/state-store.js';
import { sentenceOfStep } from './keeping/step-words.js';
import type { FrozenRule } from './keeping/watched-rule.js';
import { advance } from './life/advance.js';
import { followsFromRecords, rebuild } from './life/rebuild.js';
import type { Evidence, Input, Sample, Transition } from './life/types.js';

interface InboxRow {
  readonly id: string;
  readonly alert_id: string | null;
  readonly notice_id: string;
  readonly kind: string;
  readonly severity: string;
  readonly delivery: string;
  readonly at_ms: string;
  readonly shown_at_ms: string;
  readonly body: string;
}

const toNoticeView = (row: InboxRow): NoticeView => ({
  id: Number(row.id),
  alertId: row.alert_id,
  noticeId: row.notice_id === '' ? null : row.notice_id,
  kind: row.kind,
  severity: row.severity,
  delivery: row.delivery,
  at: toInstant(Number(row.at_ms)),
  toldAt: toInstant(Number(row.shown_at_ms)),
  body: row.body,
});

const alertColumns = `a.*, s.state->>'phase' AS phase FROM alerts a LEFT JOIN alert_states s ON s.rule_id = a.rule_id`;

/** The alerts of people, as the REST interface reads them and as people answer them. */
export class Alerts {
  constructor(
    private readonly database: Database,
    private readonly now: () => number = Date.now,
  ) {}

  /** The newest first. @throws Problem 404 */
  list(
    userId: number,
    { state, ruleId, limit, cursor }: AlertQuery,
  ): Promise<{ items: AlertView[]; nextCursor: string | null }> {
    return this.database.read(async (manager) => {
      await findUser(manager, userId);
      const [beforeMs = null, beforeId = null] = cursor?.split('_') ?? [];
      const rows: { id: string; raised_at_ms: string }[] = await manager.query(
        `SELECT ${alertColumns}
         WHERE a.user_id = $1
           AND ($2 = 'all' OR ($2 = 'open') = (a.ended_at_ms IS NULL))
           AND ($3::bigint IS NULL OR a.rule_id = $3)
           AND ($4::bigint IS NULL OR (a.raised_at_ms, a.id) < ($4, $5))
         ORDER BY a.raised_at_ms DESC, a.id DESC LIMIT $6`,
        [userId, state, ruleId ?? null, beforeMs, beforeId, limit + 1],
      );
      const page = rows.slice(0, limit);
      const last = page.at(-1);
      return {
        items: page.flatMap((row) => toAlertView(row) ?? []),
        nextCursor: rows.length > limit && last !== undefined ? `${last.raised_at_ms}_${last.id}` : null,
      };
    });
  }

  /** What the person was told, the newest first. @throws Problem 404 */
  inbox(userId: number, { limit, cursor }: PageQuery): Promise<{ items: NoticeView[]; nextCursor: number | null }> {
    return this.database.read(async (manager) => {
      await findUser(manager, userId);
      const rows: InboxRow[] = await manager.query(
        // In the order in which they were told.
        `SELECT * FROM inbox WHERE user_id = $1
           AND ($2::bigint = 0 OR (shown_at_ms, id) < (SELECT shown_at_ms, id FROM inbox WHERE id = $2 AND user_id = $1))
         ORDER BY shown_at_ms DESC, id DESC LIMIT $3`,
        [userId, cursor, limit + 1],
      );
      const items = rows.slice(0, limit).map(toNoticeView);
      return { items, nextCursor: rows.length > limit ? (items.at(-1)?.id ?? null) : null };
    });
  }

  /** Says that the person knows. Once more changes nothing. @throws Problem 404, 409 when it is over */
  acknowledge(id: string): Promise<AlertView> {
    return this.answer(id, () => ({ kind: 'ack', atMs: this.now(), episodeId: id }));
  }

  /** No notices for a while; the alert itself goes on. @throws Problem 404, 409 when it is over */
  snooze(id: string, minutes: number | null): Promise<AlertView> {
    const atMs = this.now();
    const untilMs = minutes === null ? null : atMs + minutes * 60_000;
    return this.answer(id, () => ({ kind: 'snooze', atMs, untilMs }));
  }

  /** What led to each step of an alert, and whether the cited records alone lead there again. @throws Problem 404 */
  why(id: string): Promise<Why> {
    return this.database.read(async (manager) => {
      const { alert, rule } = await find(manager, id);
      const transitions = await transitionsOf(manager, id);
      const before = await endBefore(manager, id);
      const steps = transitions.map((transition, index) => ({
        kind: transition.kind,
        at: toInstant(transition.atMs),
        sentence: sentenceOfStep(rule, transition),
        rebuilt: isRebuilt(rule, index === 0 ? before : transitions.slice(0, index), transition),
        evidence: cited(transition.evidence),
      }));
      const { version, threshold, deadband, onDelayMs, offDelayMs } = rule;
      return {
        alert,
        rule: {
          version,
          threshold,
          deadband,
          minDurationSeconds: onDelayMs / 1_000,
          clearDelaySeconds: offDelayMs / 1_000,
        },
        steps,
      };
    });
  }

  private answer(id: string, toInput: () => Input): Promise<AlertView> {
    return this.database.transaction(async (manager) => {
      const { alert } = await find(manager, id);
      const watched = alert.ruleId === null ? undefined : await ruleOf(manager, String(alert.ruleId));
      // Of a rule that was just changed the clock ends the alert; an answer must not go to the next one.
      if (watched?.state.episode?.id !== id || watched.state.ruleVersion !== watched.rule.version)
        throw new Problem(409, {
          type: 'alert-over',
          title: 'This alert is over',
          detail:
            'It has ended, so there is nothing left to answer; GET /users/{id}/alerts?state=open lists what is open.',
        });
      const { state, transitions } = advance(watched.rule, watched.state, toInput());
      await keep(manager, [{ watched: { ...watched, state }, transitions }], this.now());
      await manager.query('UPDATE alerts SET snoozed_until_ms = $2 WHERE id = $1', [id, state.shelf?.untilMs ?? null]);
      await tellNews(manager, [watched.userId]);
      return (await find(manager, id)).alert;
    });
  }
}

/** @throws Problem 404 */
async function find(manager: EntityManager, id: string): Promise<{ alert: AlertView; rule: FrozenRule }> {
  const [row]: { rule: FrozenRule }[] = /^[0-9a-f]{32}$/.test(id)
    ? await manager.query(`SELECT ${alertColumns} WHERE a.id = $1`, [id])
    : [];
  const alert = toAlertView(row);
  if (row === undefined || alert === undefined)
    throw Problem.notFound('No such alert', `There is no alert ${id.slice(0, 40)}; GET /users/{id}/alerts lists them.`);
  return { alert, rule: row.rule };
}

async function transitionsOf(manager: EntityManager, id: string): Promise<Transition[]> {
  const rows: { transition: Transition }[] = await manager.query(
    'SELECT transition FROM alert_transitions WHERE alert_id = $1 ORDER BY ordinal',
    [id],
  );
  return rows.map(({ transition }) => transition);
}

/** The end of the episode before, which a cool-down makes part of what led to this one. */
async function endBefore(manager: EntityManager, id: string): Promise<Transition[]> {
  const rows: { transition: Transition }[] = await manager.query(
    `SELECT t.transition FROM alerts a JOIN alerts b ON b.rule_id = a.rule_id AND b.raised_at_ms < a.raised_at_ms
     JOIN alert_transitions t ON t.alert_id = b.id
     WHERE a.id = $1 AND b.end_reason IS DISTINCT FROM 'late-finding' ORDER BY b.raised_at_ms DESC, t.ordinal DESC LIMIT 1`,
    [id],
  );
  return rows.map(({ transition }) => transition);
}

function isRebuilt(rule: FrozenRule, before: readonly Transition[], transition: Transition): boolean | null {
  if (!followsFromRecords(transition) || isEvidenceGone(transition)) return null;
  return isDeepStrictEqual(plain(rebuild(rule, before, transition)), plain(transition));
}

/** The records of an alert that is long over are not kept. */
const isEvidenceGone = ({ evidence }: Transition): boolean => 'isGone' in evidence;

/** As the database keeps it. */
const plain = (value: unknown): unknown => JSON.parse(JSON.stringify(value ?? null));

function cited({ deciding, peak }: Evidence): Why['steps'][number]['evidence'] {
  const isCited = peak === null || deciding.some(({ place }) => isDeepStrictEqual(place, peak.place));
  return (isCited ? [...deciding] : [...deciding, peak])
    .sort((a: Sample, b: Sample) => a.atMs - b.atMs)
    .map(({ atMs, value, place: { topic, partition, offset, eventId } }) => ({
      at: toInstant(atMs),
      value,
      topic,
      partition,
      offset,
      eventId,
    }));
}
