import { isVisibleText, visibleTextError } from '@isobar/contracts';
import { z } from 'zod';

/** What can be watched, in which unit, and what a threshold of it may be. */
export const metrics = {
  SENSOR_TEMPERATURE: { unit: '°F', words: 'temperature at the sensors', min: -100, max: 150 },
  AIR_QUALITY_INDEX: { unit: 'AQI', words: 'air quality index', min: 0, max: 1_000 },
  OBSERVED_TEMPERATURE: { unit: '°F', words: 'observed temperature', min: -100, max: 150 },
  FORECAST_TEMPERATURE_12H: { unit: '°F', words: 'temperature forecast for the next 12 hours', min: -100, max: 150 },
  FORECAST_TEMPERATURE_24H: { unit: '°F', words: 'temperature forecast for the next 24 hours', min: -100, max: 150 },
  FORECAST_WIND_12H: { unit: 'mph', words: 'wind forecast for the next 12 hours', min: 0, max: 300 },
  FORECAST_WIND_24H: { unit: 'mph', words: 'wind forecast for the next 24 hours', min: 0, max: 300 },
  FORECAST_PRECIPITATION_12H: { unit: '%', words: 'chance of precipitation in the next 12 hours', min: 0, max: 100 },
  FORECAST_PRECIPITATION_24H: { unit: '%', words: 'chance of precipitation in the next 24 hours', min: 0, max: 100 },
} as const;
export type Metric = keyof typeof metrics;

const comparisons = ['ABOVE', 'BELOW'] as const;
export type Comparison = (typeof comparisons)[number];
const severities = ['INFO', 'WARNING', 'CRITICAL'] as const;
export type Severity = (typeof severities)[number];
/** Where a rule tells; the inbox has all of it. */
export const channels = ['INBOX', 'WEBHOOK', 'EMAIL'] as const;
export type Channel = (typeof channels)[number];

const oneOf = <const Values extends readonly string[]>(values: Values) =>
  z.enum(values, { error: `must be one of ${values.join(', ')}` });

/** A span in whole seconds, at most a day. */
const seconds = (description: string) =>
  z
    .int({ error: 'must be a whole number of seconds' })
    .min(0, { error: 'must be at least 0 s' })
    .max(86_400, { error: 'must be at most 86400 s (a day)' })
    .describe(description);

export const quietTimeSchema = z
  .string()
  .regex(/^([01]\d|2[0-3]):[0-5]\d$/, { error: 'must be a time of day such as 22:00' });

const isZone = (zone: string): boolean => {
  try {
    return new Intl.DateTimeFormat('en-US', { timeZone: zone }).resolvedOptions().timeZone !== '';
  } catch {
    return false;
  }
};

export const zoneSchema = z.string().max(64).refine(isZone, { error: 'must be a time zone such as America/Chicago' });

export const quietHoursSchema = z
  .strictObject({ from: quietTimeSchema, to: quietTimeSchema, zone: zoneSchema })
  .refine(({ from, to }) => from !== to, {
    path: ['to'],
    error: 'must not be the time at which the quiet hours begin',
  });

const fields = {
  name: z
    .string({ error: 'must be given' })
    .trim()
    .min(1, { error: 'must not be empty' })
    .max(80)
    .refine(isVisibleText, visibleTextError),
  placeId: z
    .int({ error: 'must be the id of a place of the person, or null for their home' })
    .min(1)
    .nullable()
    .describe('null: the home'),
  metric: oneOf(Object.keys(metrics) as [Metric, ...Metric[]]),
  comparison: oneOf(comparisons),
  threshold: z.number({ error: 'must be a number in the unit of the metric' }),
  deadband: z
    .number({ error: 'must be a number in the unit of the metric' })
    .min(0, { error: 'must be at least 0' })
    .max(50, { error: 'must be at most 50' })
    .describe('how far back from the threshold the value must be before the alert ends'),
  minDurationSeconds: seconds('how long, in the time of the measurements, before the alert is raised'),
  clearDelaySeconds: seconds('how long it must be over before the alert ends'),
  coolDownSeconds: seconds('how long after its end a new alert is not told'),
  severity: oneOf(severities),
  quietHours: quietHoursSchema
    .nullable()
    .describe('local times in which only what is critical is told; the rest waits for their end'),
  channels: z
    .array(oneOf(channels))
    .max(8)
    .refine((named) => named.includes('INBOX'), { error: 'must name INBOX: the inbox has all that was told' })
    .describe('INBOX, and WEBHOOK and EMAIL for where the person wants to be told by these'),
  enabled: z.boolean({ error: 'must be true or false' }),
};

export const newRuleSchema = z.strictObject({
  ...fields,
  placeId: fields.placeId.default(null),
  deadband: fields.deadband.default(1),
  minDurationSeconds: fields.minDurationSeconds.default(60),
  clearDelaySeconds: fields.clearDelaySeconds.default(60),
  coolDownSeconds: fields.coolDownSeconds.default(900),
  severity: fields.severity.default('WARNING'),
  quietHours: fields.quietHours.default(null),
  channels: fields.channels.default([...channels]),
  enabled: fields.enabled.default(true),
});
export type NewRule = z.output<typeof newRuleSchema>;

export const ruleChangeSchema = z
  .strictObject(fields)
  .partial()
  .refine((change) => Object.keys(change).length > 0, { error: 'must change something' });
export type RuleChange = z.output<typeof ruleChangeSchema>;

export const ruleSchema = z.object({
  id: z.int(),
  name: z.string(),
  placeId: z.int().nullable(),
  cityKey: z.string().nullable().describe('of the place now'),
  metric: z.string(),
  comparison: z.string(),
  threshold: z.number().nullable(),
  unit: z.string().nullable(),
  deadband: z.number().nullable(),
  minDurationSeconds: z.number().nullable(),
  clearDelaySeconds: z.number().nullable(),
  coolDownSeconds: z.number().nullable(),
  severity: z.string(),
  quietHours: z.object({ from: z.string(), to: z.string(), zone: z.string() }).nullable(),
  channels: z.array(z.string()),
  enabled: z.boolean(),
  version: z.int().describe('goes up with each change of what decides about an alert'),
});
export type RuleView = z.output<typeof ruleSchema>;
