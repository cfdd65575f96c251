import { createHash } from 'node:crypto';

/**
 * The id of an event from what makes it itself (kind, place, time, content): the same event made twice has the same id, so a
 * repeated delivery can be told from a second event. 32 hexadecimal digits.
 */
export function eventId(kind: string, ...parts: readonly (string | number | null)[]): string {
  const hash = createHash('sha256').update(kind);
  for (const part of parts) hash.update('\u001f').update(part === null ? '\u0000' : String(part));
  return hash.digest('hex').slice(0, 32);
}
