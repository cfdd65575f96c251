import { z } from 'zod';
import { snoozeMaxMs } from './life/rule.js';

export const alertQuerySchema = z.strictObject({
  state: z.enum(['open', 'ended', 'all'], { error: 'must be open, ended or all' }).default('all'),
  ruleId: z.coerce.number().int().min(1).max(Number.MAX_SAFE_INTEGER).optional(),
  limit: z.coerce.number().int().min(1).max(500).default(50),
  cursor: z
    .string()
    .regex(/^\d{1,16}_[0-9a-f]{32}$/, { error: 'must be the nextCursor of the page before' })
    .optional(),
});
export type AlertQuery = z.output<typeof alertQuerySchema>;

export const snoozeSchema = z.strictObject({
  minutes: z
    .int({ error: 'must be a whole number of minutes, or null for until the alert is over' })
    .min(1, { error: 'must be at least 1' })
    .max(snoozeMaxMs / 60_000, { error: `must be at most ${snoozeMaxMs / 60_000} (a week)` })
    .nullable()
    .describe('null: until the alert is over, a week at the most'),
});
export type Snooze = z.output<typeof snoozeSchema>;

const instant = z.iso.datetime();
export const alertSchema = z.object({
  id: z.string(),
  ruleId: z.int().nullable().describe('null when the rule is gone'),
  name: z.string().describe('of the rule, as it was'),
  cityKey: z.string(),
  metric: z.string(),
  comparison: z.string(),
  threshold: z.number(),
  unit: z.string(),
  state: z.enum(['active', 'recovering', 'no data', 'ended']),
  severity: z.string(),
  startedAt: instant.describe('when the value first crossed the limit, in the time of the measurements'),
  raisedAt: instant,
  endedAt: instant.nullable(),
  endReason: z
    .string()
    .nullable()
    .describe('cleared, no-data, rule-changed, rule-disabled, rule-removed or late-finding'),
  acknowledgedAt: instant.nullable(),
  snoozedUntil: instant.nullable(),
  value: z.number().nullable(),
  peakValue: z.number().nullable().describe('the most extreme value of the alert'),
  sentence: z.string().describe('what is so, in words'),
});
export type AlertView = z.output<typeof alertSchema>;

const sampleSchema = z.object({
  at: instant,
  value: z.number(),
  topic: z.string(),
  partition: z.int(),
  offset: z.int(),
  eventId: z.string(),
});

export const whySchema = z.object({
  alert: alertSchema,
  rule: z.object({
    version: z.int(),
    threshold: z.number(),
    deadband: z.number(),
    minDurationSeconds: z.number(),
    clearDelaySeconds: z.number(),
  }),
  steps: z.array(
    z.object({
      kind: z.string(),
      at: instant,
      sentence: z.string(),
      rebuilt: z
        .boolean()
        .nullable()
        .describe(
          'whether the cited records alone lead to this step again; null for one that a person or a clock made',
        ),
      evidence: z.array(sampleSchema),
    }),
  ),
});
export type Why = z.output<typeof whySchema>;

export const noticeSchema = z.object({
  id: z.int(),
  alertId: z.string().nullable().describe('null for what is about no alert of a rule'),
  noticeId: z
    .string()
    .nullable()
    .describe('lines that were told together have one; null for those of an older version'),
  kind: z.string(),
  severity: z.string(),
  delivery: z.string().describe('INTERRUPT, PASSIVE (an end: it makes no sound) or DIGEST (what waited)'),
  at: instant.describe('when it was so, in the time of the measurements'),
  toldAt: instant,
  body: z.string(),
});
export type NoticeView = z.output<typeof noticeSchema>;
