import { createHmac, randomBytes } from 'node:crypto';

const prefix = 'whsec_';

/** A new secret as receivers' libraries take it: `whsec_` and 32 random bytes in base64. */
export const newSecret = (): string => `${prefix}${randomBytes(32).toString('base64')}`;

/**
 * The headers by which a receiver knows who sends, as Standard Webhooks has them: HMAC-SHA256 over id, timestamp and the exact bytes of the
 * body.
 *
 * @param atMs epoch milliseconds of this attempt
 */
export function signedHeaders(secret: string, id: string, atMs: number, body: string): Record<string, string> {
  const timestamp = String(Math.floor(atMs / 1_000));
  const key = Buffer.from(secret.slice(prefix.length), 'base64');
  const signature = createHmac('sha256', key).update(`${id}.${timestamp}.${body}`).digest('base64');
  return { 'webhook-id': id, 'webhook-timestamp': timestamp, 'webhook-signature': `v1,${signature}` };
}
