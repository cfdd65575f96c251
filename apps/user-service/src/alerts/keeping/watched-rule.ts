import { z } from 'zod';
import { gapsPerDelayMax } from '../life/rule.js';
import { newState } from '../life/state.js';
import type { AlertState, RuleVersion } from '../life/types.js';
import { isZone } from '../notices/zoned-time.js';
import type { Metric } from '../../rules/rule-fields.js';

const minuteMs = 60_000;
const hourMs = 60 * minuteMs;

/** What a source is like: how long one of its values speaks, and from when on its silence means something. */
const sources: Readonly<Record<Metric, Pick<RuleVersion, 'maxGapMs' | 'staleAfterMs' | 'latenessMs'>>> = {
  SENSOR_TEMPERATURE: { maxGapMs: 2 * minuteMs, staleAfterMs: 5 * minuteMs, latenessMs: 1_000 },
  AIR_QUALITY_INDEX: { maxGapMs: 2 * minuteMs, staleAfterMs: 5 * minuteMs, latenessMs: 1_000 },
  // Stations speak once an hour or so, and are asked once a minute.
  OBSERVED_TEMPERATURE: { maxGapMs: 2 * hourMs, staleAfterMs: 3 * hourMs, latenessMs: 0 },
};

/** An alert whose source is silent is over after this. */
const maxUnknownMs = 24 * hourMs;

/** A rule as the database has it, with what is remembered of it. */
const rowSchema = z.object({
  id: z.string(),
  user_id: z.string(),
  limit_id: z.coerce.number().nullable(),
  place_id: z.string().nullable(),
  city_key: z.string(),
  name: z.string(),
  metric: z.enum(['SENSOR_TEMPERATURE', 'AIR_QUALITY_INDEX', 'OBSERVED_TEMPERATURE']),
  comparison: z.enum(['ABOVE', 'BELOW']),
  threshold: z.coerce.number(),
  deadband: z.coerce.number(),
  on_delay_ms: z.coerce.number(),
  off_delay_ms: z.coerce.number(),
  cool_down_ms: z.coerce.number(),
  severity: z.enum(['INFO', 'WARNING', 'CRITICAL']),
  version: z.int(),
  quiet_from: z.string().nullable(),
  quiet_to: z.string().nullable(),
  quiet_zone: z.string().nullable(),
  state: z.custom<AlertState | null | undefined>(isState),
});

/** The machine reads what it wrote itself; what others put there is told by its outline, at little cost for each signal. */
function isState(value: unknown): boolean {
  if (value === null || value === undefined) return true;
  if (typeof value !== 'object') return false;
  const { format, ruleVersion, runs, waiting, recentMs, past, late, offsets } = value as Partial<AlertState>;
  return (
    format === 1 &&
    typeof ruleVersion === 'number' &&
    typeof offsets === 'object' &&
    [runs, waiting, recentMs, past, late].every((list) => Array.isArray(list))
  );
}

/** What an alert keeps of its rule: what decided, and the words for it. */
export interface FrozenRule extends RuleVersion {
  readonly name: string;
  readonly metric: Metric;
  readonly cityKey: string;
}

export interface WatchedRule {
  readonly id: string;
  readonly userId: string;
  readonly limitId: number | null;
  readonly placeId: string;
  readonly rule: FrozenRule;
  /** Local times in which nothing is told but what is critical. */
  readonly quiet: { readonly from: string; readonly to: string; readonly zone: string } | null;
  readonly state: AlertState;
}

/** @returns undefined for a row that others wrote and that no rule can be: it takes nobody else down */
export function toWatchedRule(row: unknown): WatchedRule | undefined {
  const parsed = rowSchema.safeParse(row);
  if (!parsed.success) return undefined;
  const { data } = parsed;
  const source = sources[data.metric];
  const rule: FrozenRule = {
    ruleId: data.id,
    version: data.version,
    name: data.name,
    metric: data.metric,
    cityKey: data.city_key,
    comparison: data.comparison,
    threshold: data.threshold,
    deadband: data.deadband,
    severity: data.severity,
    escalations: [],
    onDelayMs: data.on_delay_ms,
    offDelayMs: data.off_delay_ms,
    coolDownMs: data.cool_down_ms,
    maxUnknownMs,
    remindEveryMs: 0,
    maxReminders: 0,
    ...source,
    maxGapMs: Math.max(source.maxGapMs, Math.ceil(Math.max(data.on_delay_ms, data.off_delay_ms) / gapsPerDelayMax)),
  };
  const placeId = data.place_id ?? 'home';
  const { quiet_from: from, quiet_to: to, quiet_zone: zone } = data;
  return {
    id: data.id,
    userId: data.user_id,
    limitId: data.limit_id,
    placeId,
    rule,
    // Where no such zone is known nothing waits for the end of its night.
    quiet:
      from === null || to === null || zone === null || !isZone(zone)
        ? null
        : { from: from.slice(0, 5), to: to.slice(0, 5), zone },
    state: data.state ?? newState(rule, placeId),
  };
}

/** Whether time alone can change something. */
export const isIdle = ({ phase, shelf, waiting, runs }: AlertState): boolean =>
  phase === 'NORMAL' && shelf === null && waiting.length === 0 && runs.every((run) => run === null);

/** How far the values of a rule have come, with one more: the highest event time less the lateness that is allowed. */
export function watermarkOf({ rule, state }: Pick<WatchedRule, 'rule' | 'state'>, atMs = 0): number {
  const highestMs = Math.max(atMs, state.last?.atMs ?? 0, state.waiting.at(-1)?.atMs ?? 0);
  return Math.max(0, highestMs - rule.latenessMs);
}
