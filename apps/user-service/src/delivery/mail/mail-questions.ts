import { Problem } from '@isobar/service-kit';
import { createHash } from 'node:crypto';
import type { EntityManager } from 'typeorm';

/** How long a question counts, milliseconds. */
export const questionCountsMs = 24 * 3_600_000;
/** An address is asked no more often in that time, whoever has it asked: nobody's mailbox is filled by this service. */
export const questionsMax = 3;

/**
 * Counts a question to a mail address, in the transaction that sends it.
 *
 * @throws Problem 429 when it was asked often enough
 */
export async function countQuestion(manager: EntityManager, address: string, nowMs: number): Promise<void> {
  const hash = createHash('sha256').update(address.toLowerCase()).digest('hex');
  // Two who ask at the same time are counted one after the other.
  await manager.query('SELECT pg_advisory_xact_lock(hashtextextended($1, 0))', [hash]);
  const [asked]: { count: number; first_ms: string | null }[] = await manager.query(
    `SELECT count(*)::int AS count, min(asked_at_ms) AS first_ms FROM mail_questions
     WHERE address_hash = $1 AND asked_at_ms > $2::bigint - ${questionCountsMs}`,
    [hash, nowMs],
  );
  if ((asked?.count ?? 0) >= questionsMax)
    throw new Problem(429, {
      type: 'asked-often',
      title: 'This address was asked often enough',
      detail: `It got ${questionsMax} questions within a day: follow the link of the last one, or try again after ${new Date(Number(asked?.first_ms) + questionCountsMs).toISOString()}.`,
    });
  await manager.query('INSERT INTO mail_questions (address_hash, asked_at_ms) VALUES ($1, $2)', [hash, nowMs]);
}

/** Forgets questions that count no more. */
export async function forgetQuestions(manager: EntityManager, nowMs: number): Promise<void> {
  await manager.query(`DELETE FROM mail_questions WHERE asked_at_ms <= $1::bigint - ${questionCountsMs}`, [nowMs]);
}
