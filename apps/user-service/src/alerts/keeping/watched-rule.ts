import { z } from 'zod';
import { gapsPerDelayMax } from '../life/rule.js';
import { newState } from '../life/state.js';
import type { AlertState, RuleVersion } from '../life/types.js';
import {
  calmOf,
  noRange,
  watermarkAt,
  withLimit,
  type LimitRule,
  type LimitState,
  type Range,
} from '../limits/limit-life.js';
import { metrics, type Metric } from '../../rules/rule-fields.js';

const minuteMs = 60_000;
const hourMs = 60 * minuteMs;

/** Offices issue forecasts once an hour to every six hours, and an issue says itself for how long it looks ahead. */
const forecast = { maxGapMs: 6 * hourMs, staleAfterMs: 12 * hourMs, latenessMs: 0 };

/** What a source is like: how long one of its values speaks, and from when on its silence means something. */
const sources: Readonly<Record<Metric, Pick<RuleVersion, 'maxGapMs' | 'staleAfterMs' | 'latenessMs'>>> = {
  SENSOR_TEMPERATURE: { maxGapMs: 2 * minuteMs, staleAfterMs: 5 * minuteMs, latenessMs: 1_000 },
  AIR_QUALITY_INDEX: { maxGapMs: 2 * minuteMs, staleAfterMs: 5 * minuteMs, latenessMs: 1_000 },
  // Stations speak once an hour or so, and are asked once a minute.
  OBSERVED_TEMPERATURE: { maxGapMs: 2 * hourMs, staleAfterMs: 3 * hourMs, latenessMs: 0 },
  FORECAST_TEMPERATURE_12H: forecast,
  FORECAST_TEMPERATURE_24H: forecast,
  FORECAST_WIND_12H: forecast,
  FORECAST_WIND_24H: forecast,
  FORECAST_PRECIPITATION_12H: forecast,
  FORECAST_PRECIPITATION_24H: forecast,
};

const isBound = (value: unknown): boolean => typeof value === 'number' || value === null || value === undefined;

/** What the rules of a limit have in common; undefined for a metric that nobody knows. */
export function toLimitRule(row: unknown): LimitRule | undefined {
  const parsed = limitSchema.safeParse(row);
  if (!parsed.success) return undefined;
  const { metric, ...limit } = parsed.data;
  return { ...limit, ...sources[metric] };
}

/** An alert whose source is silent is over after this. */
const maxUnknownMs = 24 * hourMs;

const metric = z.enum(Object.keys(metrics) as [Metric, ...Metric[]]);
const comparison = z.enum(['ABOVE', 'BELOW']);
const limitSchema = z.object({ metric, comparison, threshold: z.coerce.number(), deadband: z.coerce.number() });

/** A rule as the database has it, with what is remembered of it. */
const rowSchema = z.object({
  id: z.string(),
  user_id: z.string(),
  limit_id: z.coerce.number().nullable(),
  place_id: z.string().nullable(),
  city_key: z.string(),
  name: z.string(),
  metric,
  comparison,
  threshold: z.coerce.number(),
  deadband: z.coerce.number(),
  on_delay_ms: z.coerce.number(),
  off_delay_ms: z.coerce.number(),
  cool_down_ms: z.coerce.number(),
  severity: z.enum(['INFO', 'WARNING', 'CRITICAL']),
  version: z.int(),
  since_ms: z.coerce.number(),
  state: z.custom<AlertState | null | undefined>(isState),
  limit_state: z.custom<LimitState | null | undefined>(isLimitState),
  is_idle: z.boolean().nullish(),
  // Of a range without an end; a schema of numbers takes no infinity.
  calm_from: z.custom<number | null | undefined>(isBound),
  calm_to: z.custom<number | null | undefined>(isBound),
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

/** @returns whether it is one, or is not there */
export function isLimitState(value: unknown): boolean {
  if (value === null || value === undefined) return true;
  if (typeof value !== 'object') return false;
  const { waiting, recentMs, late, offsets, settledMs, heardMs } = value as Partial<LimitState>;
  return (
    typeof offsets === 'object' &&
    [waiting, recentMs, late].every((list) => Array.isArray(list)) &&
    [settledMs, heardMs].every((ms) => typeof ms === 'number')
  );
}

/** What an alert keeps of its rule: what decided, and the words for it. */
export interface FrozenRule extends RuleVersion {
  readonly name: string;
  readonly metric: Metric;
  readonly cityKey: string;
}

/** What others put in its place is told by its outline. */
export const isFrozenRule = (rule: unknown): rule is FrozenRule =>
  typeof rule === 'object' && rule !== null && 'metric' in rule && Object.hasOwn(metrics, String(rule.metric));

export interface WatchedRule {
  readonly id: string;
  readonly userId: string;
  readonly limitId: number | null;
  readonly placeId: string;
  readonly rule: FrozenRule;
  readonly state: AlertState;
  /** Epoch milliseconds since when this version of the rule holds. */
  readonly sinceMs: number;
  /** As it is written. */
  readonly kept: { readonly isIdle: boolean; readonly calm: Range };
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
  return {
    id: data.id,
    userId: data.user_id,
    limitId: data.limit_id,
    placeId,
    rule,
    state: withLimit(data.state ?? newState(rule, placeId), data.limit_state ?? undefined),
    sinceMs: data.since_ms,
    kept: {
      isIdle: data.is_idle ?? true,
      calm: { from: data.calm_from ?? noRange.from, to: data.calm_to ?? noRange.to },
    },
  };
}

/** Whether time alone changes nothing. What waits for its turn and crosses nothing may wait. */
export const isIdle = ({ rule, state }: Pick<WatchedRule, 'rule' | 'state'>): boolean => {
  const { phase, shelf, waiting, runs, closed } = state;
  const isQuiet = waiting.length === 0 || closed !== null || calmOf(rule, state).from <= calmOf(rule, state).to;
  return phase === 'NORMAL' && shelf === null && isQuiet && runs.every((run) => run === null);
};

/** How far the values of a rule have come, with one more: the highest event time less the lateness that is allowed. */
export const watermarkOf = ({ rule, state }: Pick<WatchedRule, 'rule' | 'state'>, atMs = 0): number =>
  watermarkAt(rule, state, atMs);
