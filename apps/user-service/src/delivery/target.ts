import { z } from 'zod';

/** A place where a person's notices go. */
export interface Target {
  readonly id: string;
  readonly userId: string;
  readonly channel: 'WEBHOOK' | 'EMAIL';
  /** A URL or a mail address. */
  readonly address: string;
  readonly secret: string | null;
  /** Opaque, in links of mail. */
  readonly token: string | null;
  readonly failures: number;
  readonly failingSinceMs: number | null;
}

export interface Delivery {
  /** The same however often it is tried. */
  readonly id: string;
  /** As it was queued; senders know what they queue. */
  readonly notice: unknown;
  readonly attempts: number;
  readonly createdAtMs: number;
}

/** What became of an attempt. */
export type Outcome =
  | { readonly kind: 'delivered' }
  | { readonly kind: 'failed'; readonly because: string; readonly retryAfterMs?: number }
  /** It will never be taken: the delivery is dead at once. */
  | { readonly kind: 'refused'; readonly because: string }
  /** The receiver wants no more of it: the target is switched off. */
  | { readonly kind: 'gone'; readonly because: string };

/** Sends once, within its own time limit; never rejects. */
export interface Sender {
  send(target: Target, delivery: Delivery): Promise<Outcome>;
}

const targetRow = z.object({
  id: z.string(),
  user_id: z.string(),
  channel: z.enum(['WEBHOOK', 'EMAIL']),
  address: z.string(),
  secret: z.string().nullable(),
  token: z.string().nullable(),
  failures: z.int(),
  failing_since_ms: z.coerce.number().nullable(),
});

/** @returns undefined for a row that others wrote and that is no target */
export function toTarget(row: unknown): Target | undefined {
  const { data } = targetRow.safeParse(row);
  if (data === undefined) return undefined;
  const { user_id: userId, failing_since_ms: failingSinceMs, ...same } = data;
  return { ...same, userId, failingSinceMs };
}
