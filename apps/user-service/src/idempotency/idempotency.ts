import { Problem } from '@isobar/service-kit';
import { createHash } from 'node:crypto';
import type { Response } from 'express';
import type { EntityManager } from 'typeorm';
import type { Database } from '../database/database.js';

/** What a request made, as it is answered now and whenever it comes again. */
export interface Made<View> {
  readonly location: string;
  readonly tag: string;
  readonly view: View;
}

/** How long an answer is kept, milliseconds. */
export const idempotencyKeptMs = 24 * 3_600_000;

/**
 * Requests that make something, done once for each `Idempotency-Key`. The key is written in the transaction of the work: both happen, or
 * neither. A refused request leaves nothing behind, so it is judged anew when it comes again.
 */
export class Idempotency {
  constructor(
    private readonly database: Database,
    private readonly now: () => number = Date.now,
  ) {}

  /**
   * @param key undefined: the request says nothing of coming twice
   * @param scope what keys are told apart in, such as `POST /users`
   * @param request as it was understood: with defaults, without spaces
   * @throws Problem 409 while the same key is being worked on, 422 when the key cannot be one or belongs to another request
   */
  once<View>(
    key: string | undefined,
    scope: string,
    request: unknown,
    work: (manager: EntityManager) => Promise<Made<View>>,
  ): Promise<Made<View> & { readonly isRepeated: boolean }> {
    if (key !== undefined) check(key);
    return this.database.transaction(async (manager) => {
      if (key === undefined) return { ...(await work(manager)), isRepeated: false };
      const hash = createHash('sha256').update(JSON.stringify(request)).digest('hex');
      // Waits for who writes the same key.
      const mine: unknown[] = await manager.query(
        `INSERT INTO idempotency_keys (scope, key, request_hash, created_at_ms) VALUES ($1, $2, $3, $4)
         ON CONFLICT (scope, key) DO NOTHING RETURNING key`,
        [scope, key, hash, this.now()],
      );
      if (mine.length === 0) return { ...(await this.answered<View>(manager, scope, key, hash)), isRepeated: true };
      const made = await work(manager);
      await manager.query('UPDATE idempotency_keys SET answer = $3 WHERE scope = $1 AND key = $2', [
        ...[scope, key],
        JSON.stringify(made),
      ]);
      return { ...made, isRepeated: false };
    });
  }

  private async answered<View>(manager: EntityManager, scope: string, key: string, hash: string): Promise<Made<View>> {
    const [row]: { request_hash: string; answer: Made<View> | null }[] = await manager.query(
      'SELECT request_hash, answer FROM idempotency_keys WHERE scope = $1 AND key = $2',
      [scope, key],
    );
    if (row?.request_hash === hash && row.answer !== null) return row.answer;
    throw new Problem(422, {
      type: 'idempotency-key-reused',
      title: 'This Idempotency-Key belongs to another request',
      detail: `Idempotency-Key ${key} came with another body before: a request that is not the same needs a key of its own.`,
    });
  }
}

/** Answers with what was made, or had been. */
export function answerMade<View>(
  response: Response,
  { location, tag, view, isRepeated }: Made<View> & { isRepeated: boolean },
): View {
  response.setHeader('Location', location);
  response.setHeader('ETag', tag);
  if (isRepeated) response.setHeader('Idempotency-Replayed', 'true');
  return view;
}

function check(key: string): void {
  if (/^[\x21-\x7e]{1,255}$/.test(key)) return;
  throw Problem.validation([
    { pointer: '', detail: 'Idempotency-Key must be 1 to 255 characters without spaces, such as a UUID' },
  ]);
}
