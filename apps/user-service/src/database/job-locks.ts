import type { EntityManager } from 'typeorm';

/** PostgreSQL's advisory locks by which replicas take turns at a job, each its own; the numbers say nothing. */
export const jobLocks = {
  alertClock: 6_207_411,
  outbox: 6_207_412,
  retention: 6_207_413,
  moves: 6_207_414,
} as const;

/** Whether the job is ours until the end of the transaction; nobody waits. */
export async function isOurTurn(manager: EntityManager, job: keyof typeof jobLocks): Promise<boolean> {
  const [row]: { ours: boolean }[] = await manager.query('SELECT pg_try_advisory_xact_lock($1) AS ours', [
    jobLocks[job],
  ]);
  return row?.ours === true;
}
