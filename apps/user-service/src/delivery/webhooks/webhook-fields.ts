import { z } from 'zod';

/** What can be told; a webhook may ask for some of it. */
export const noticeKinds = [
  'raised',
  'escalated',
  'changed',
  'reminder',
  'still-active',
  'cleared',
  'no-data',
  'ended',
  'was',
  'ended-meanwhile',
  'late-finding',
] as const;

const kinds = z
  .array(z.enum(noticeKinds, { error: `must be one of ${noticeKinds.join(', ')}` }))
  .min(1, { error: `must name at least one of ${noticeKinds.join(', ')}` })
  .max(noticeKinds.length)
  .describe('what is sent: raised, cleared and so on');

// What is wrong with it is told by the same rules that judge it when something is sent.
const url = z.string({ error: 'must be given' });

export const newWebhookSchema = z.strictObject({ url, kinds: kinds.default([...noticeKinds]) });
export type NewWebhook = z.output<typeof newWebhookSchema>;

export const webhookChangeSchema = z
  .strictObject({ url, kinds, enabled: z.boolean({ error: 'must be true or false' }) })
  .partial()
  .refine((change) => Object.keys(change).length > 0, { error: 'must change something' });
export type WebhookChange = z.output<typeof webhookChangeSchema>;

const instant = z.iso.datetime();

export const webhookSchema = z.object({
  id: z.int(),
  url: z.string(),
  kinds: z.array(z.string()),
  enabled: z.boolean().describe('false also after the receiver answered 410 Gone'),
  failures: z.int().describe('in a row'),
  failingSince: instant.nullable(),
  lastError: z.string().nullable(),
  lastDeliveredAt: instant.nullable(),
  pending: z.int().describe('deliveries that wait'),
  dead: z.int().describe('deliveries that were given up; they can be replayed'),
});
export type WebhookView = z.output<typeof webhookSchema>;

export const madeWebhookSchema = webhookSchema.extend({
  secret: z.string().describe('by which the receiver checks the signature; it is shown this once'),
});
export type MadeWebhook = z.output<typeof madeWebhookSchema>;

const states = ['pending', 'delivered', 'dead'] as const;

export const deliveryQuerySchema = z.strictObject({
  state: z.enum(states, { error: `must be one of ${states.join(', ')}` }).optional(),
  limit: z.coerce.number().int().min(1).max(500).default(50),
  cursor: z
    .string()
    .regex(/^\d{1,16}_[0-9a-f]{32}$/, { error: 'must be the nextCursor of the page before' })
    .optional(),
});
export type DeliveryQuery = z.output<typeof deliveryQuerySchema>;

export const deliverySchema = z.object({
  id: z.string().describe('the header webhook-id of each attempt'),
  state: z.enum(states),
  attempts: z.int(),
  createdAt: instant,
  nextAttemptAt: instant.nullable(),
  endedAt: instant.nullable(),
  lastError: z.string().nullable(),
  texts: z.array(z.string()).describe('what it says'),
});
export type DeliveryView = z.output<typeof deliverySchema>;

export const replayedSchema = z.object({ replayed: z.int().describe('deliveries that are tried anew') });
