import { setImmediate as othersTurn } from 'node:timers/promises';

/** How long records are handled before requests, timers and answers of brokers get their turn. */
const turnMs = 20;

/**
 * Handles one after another, and lets everything else of the process run in between. Handlers that need nothing but the processor would
 * keep it until a whole fetch is done, thousands of records, and nobody else would get an answer.
 */
export async function inTurns<Item>(items: readonly Item[], handle: (item: Item) => Promise<void>): Promise<void> {
  let turnEndsMs = performance.now() + turnMs;
  for (const item of items) {
    if (performance.now() >= turnEndsMs) {
      await othersTurn();
      turnEndsMs = performance.now() + turnMs;
    }
    await handle(item);
  }
}
