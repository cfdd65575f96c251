import { sleep, timers } from '../ports/scheduler.js';
import type { KsqlEngine } from './ksql-engine.js';

const WAIT_MAX_MS = 5_000;
const PAUSE_MS = 20;

/** Waits for a query that is just starting, and no longer than a client would. */
export async function untilStarted(engine: KsqlEngine, queryId: string): Promise<void> {
  const deadline = performance.now() + WAIT_MAX_MS;
  while (engine.queries.get(queryId)?.task?.state === 'RESTORING' && performance.now() < deadline) {
    await sleep(timers, PAUSE_MS);
  }
}
