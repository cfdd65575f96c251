import { z } from 'zod';
import { metrics } from '../rules/rule-fields.js';
import type { AlertView } from './alert-fields.js';
import { withUnit } from './with-unit.js';
import { isFrozenRule, type FrozenRule } from './keeping/watched-rule.js';

const ms = z.coerce.number().int().min(-8.64e15).max(8.64e15);

const rowSchema = z.object({
  id: z.string(),
  rule_id: z.coerce.number().nullable(),
  rule: z.custom<FrozenRule>(isFrozenRule),
  severity: z.string(),
  started_at_ms: ms,
  raised_at_ms: ms,
  ended_at_ms: ms.nullable(),
  end_reason: z.string().nullable(),
  acknowledged_at_ms: ms.nullable(),
  snoozed_until_ms: ms.nullable(),
  value: z.number().nullable(),
  peak_value: z.number().nullable(),
  phase: z.string().nullable(),
});

const stateOfPhase: Readonly<Record<string, AlertView['state']>> = { RECOVERING: 'recovering', UNKNOWN: 'no data' };

/** @returns undefined for a row that others wrote and that cannot be shown */
export function toAlertView(row: unknown): AlertView | undefined {
  const parsed = rowSchema.safeParse(row);
  if (!parsed.success) return undefined;
  const { data } = parsed;
  const { rule } = data;
  const view = {
    id: data.id,
    ruleId: data.rule_id,
    name: rule.name,
    cityKey: rule.cityKey,
    metric: rule.metric,
    comparison: rule.comparison,
    threshold: rule.threshold,
    unit: metrics[rule.metric].unit,
    state: data.ended_at_ms === null ? (stateOfPhase[data.phase ?? ''] ?? 'active') : ('ended' as const),
    severity: data.severity,
    startedAt: toInstant(data.started_at_ms),
    raisedAt: toInstant(data.raised_at_ms),
    endedAt: data.ended_at_ms === null ? null : toInstant(data.ended_at_ms),
    endReason: data.end_reason,
    acknowledgedAt: data.acknowledged_at_ms === null ? null : toInstant(data.acknowledged_at_ms),
    snoozedUntil: data.snoozed_until_ms === null ? null : toInstant(data.snoozed_until_ms),
    value: data.value,
    peakValue: data.peak_value,
  };
  return { ...view, sentence: sentenceOf(rule, view) };
}

export const toInstant = (atMs: number): string => new Date(atMs).toISOString();

const endings: Readonly<Record<string, string>> = {
  cleared: 'It is over: conditions are back on the good side of your limit.',
  'no-data': 'It was closed without news: there has been no data.',
  'rule-changed': 'It was closed because the rule was changed.',
  'rule-disabled': 'It was closed because the rule was switched off.',
  'rule-removed': 'It was closed because the rule was removed.',
  'late-finding': 'It had ended before it was known of: its values came late.',
};

function sentenceOf(rule: FrozenRule, { state, value, peakValue, endReason }: Omit<AlertView, 'sentence'>): string {
  const { words } = metrics[rule.metric];
  const side = rule.comparison === 'ABOVE' ? 'above' : 'below';
  const limit = `${side} your limit of ${withUnit(rule, rule.threshold)}`;
  const worst = `at its worst ${withUnit(rule, peakValue)}`;
  if (state === 'ended') return `The ${words} was ${limit}, ${worst}. ${endings[endReason ?? ''] ?? 'It is over.'}`;
  if (state === 'no data')
    return `The ${words} was ${limit}. There is no data now, so nobody knows whether it still is.`;
  if (state === 'recovering')
    return `The ${words} is back behind your limit; the alert ends when it stays so. ${worst}.`;
  return `The ${words} is ${withUnit(rule, value)}, ${limit}; ${worst}.`;
}
