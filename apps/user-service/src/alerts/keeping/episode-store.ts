import type { EntityManager } from 'typeorm';
import type { Transition } from '../life/types.js';
import type { Change } from './alert-store.js';
import type { WatchedRule } from './watched-rule.js';

/** What transitions make of an alert; null: as it was. */
interface AlertRow {
  readonly id: string;
  readonly severity: string;
  readonly value: number | null;
  readonly peak_value: number | null;
  readonly ended_at_ms: number | null;
  readonly end_reason: string | null;
  readonly is_answered: boolean;
  readonly acknowledged_at_ms: number | null;
}

interface NewAlertRow extends AlertRow {
  readonly user_id: string;
  readonly rule_id: string;
  readonly rule: WatchedRule['rule'];
  readonly started_at_ms: number;
  readonly raised_at_ms: number;
}

const columns = `id text, severity text, value double precision, peak_value double precision, ended_at_ms bigint, end_reason text,
  is_answered boolean, acknowledged_at_ms bigint`;

/** Writes episodes and their transitions, however many, in three statements. */
export async function keepEpisodes(manager: EntityManager, changes: readonly Change[]): Promise<void> {
  const before = new Map<string, AlertRow>();
  const begun = new Map<string, NewAlertRow>();
  for (const { watched, transitions } of changes)
    for (const transition of transitions) {
      const { episodeId: id } = transition;
      const made = begun.get(id);
      if (made !== undefined) begun.set(id, { ...made, ...afterOf(made, transition) });
      else if (transition.kind === 'raised' || transition.kind === 'late-finding')
        begun.set(id, beginningOf(watched, transition));
      else before.set(id, afterOf(before.get(id), transition));
    }
  // What ends first: a rule has one open alert.
  if (before.size > 0)
    await manager.query(
      `UPDATE alerts a SET severity = n.severity, value = coalesce(n.value, a.value), peak_value = n.peak_value,
         ended_at_ms = coalesce(n.ended_at_ms, a.ended_at_ms), end_reason = coalesce(n.end_reason, a.end_reason),
         acknowledged_at_ms = CASE WHEN n.is_answered THEN n.acknowledged_at_ms ELSE a.acknowledged_at_ms END
       FROM jsonb_to_recordset($1::jsonb) AS n(${columns}) WHERE a.id = n.id`,
      [JSON.stringify([...before.values()])],
    );
  if (begun.size > 0)
    // What is found again is as it was, and goes on from there.
    await manager.query(
      `INSERT INTO alerts (id, user_id, rule_id, rule, severity, started_at_ms, raised_at_ms, ended_at_ms, end_reason, value, peak_value,
         acknowledged_at_ms)
       SELECT id, user_id, rule_id, rule, severity, started_at_ms, raised_at_ms, ended_at_ms, end_reason, value, peak_value,
         acknowledged_at_ms
       FROM jsonb_to_recordset($1::jsonb)
         AS n(${columns}, user_id bigint, rule_id bigint, rule jsonb, started_at_ms bigint, raised_at_ms bigint)
       ON CONFLICT (id) DO UPDATE SET ended_at_ms = coalesce(EXCLUDED.ended_at_ms, alerts.ended_at_ms),
         end_reason = coalesce(EXCLUDED.end_reason, alerts.end_reason)`,
      [JSON.stringify([...begun.values()])],
    );
  const transitions = changes.flatMap((change) => change.transitions);
  if (transitions.length > 0)
    await manager.query(
      `INSERT INTO alert_transitions (alert_id, ordinal, transition)
       SELECT t->>'episodeId', (t->>'ordinal')::int, t FROM jsonb_array_elements($1::jsonb) AS t ON CONFLICT DO NOTHING`,
      [JSON.stringify(transitions)],
    );
}

function beginningOf({ id, userId, rule }: WatchedRule, transition: Transition): NewAlertRow {
  const { kind, episodeId, severity, startMs, atMs, value, peakValue } = transition;
  const isPast = kind === 'late-finding';
  return {
    ...{ id: episodeId, user_id: userId, rule_id: id, rule, severity, started_at_ms: startMs, raised_at_ms: atMs },
    ...{ value, peak_value: peakValue, is_answered: false, acknowledged_at_ms: null },
    ended_at_ms: isPast ? atMs : null,
    end_reason: isPast ? 'late-finding' : null,
  };
}

function afterOf(before: AlertRow | undefined, transition: Transition): AlertRow {
  const { kind, episodeId, severity, value, peakValue, atMs, reason } = transition;
  const isEnd = kind === 'cleared' || kind === 'ended';
  const isAnswered = kind === 'acknowledged' || kind === 'escalated';
  return {
    id: episodeId,
    severity,
    value: value ?? before?.value ?? null,
    peak_value: peakValue,
    ended_at_ms: isEnd ? atMs : (before?.ended_at_ms ?? null),
    end_reason: isEnd ? (kind === 'ended' ? reason : 'cleared') : (before?.end_reason ?? null),
    is_answered: isAnswered || (before?.is_answered ?? false),
    acknowledged_at_ms: isAnswered ? (kind === 'acknowledged' ? atMs : null) : (before?.acknowledged_at_ms ?? null),
  };
}
