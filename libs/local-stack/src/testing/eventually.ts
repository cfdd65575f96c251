import { setTimeout as delay } from 'node:timers/promises';
import { stretchedMs } from '../crowding.js';

/** The tests' own limits are fixed: longer waits would only end with those. */
const timesMax = 2;

/**
 * Repeats a look until it does not throw, and returns what it saw. The last failure is the cause of the error. On a crowded machine it
 * has up to twice the time.
 */
export async function eventually<T>(what: string, timeoutMs: number, look: () => T | Promise<T>): Promise<T> {
  for (const startedMs = performance.now(); ; await delay(100)) {
    try {
      return await look();
    } catch (error) {
      const limitMs = stretchedMs(timeoutMs, timesMax);
      if (performance.now() - startedMs > limitMs)
        throw new Error(`${what}: not within ${limitMs} ms`, { cause: error });
    }
  }
}

/** Waits until the condition holds; while it throws it does not hold. */
export async function until(what: string, timeoutMs: number, isSo: () => boolean | Promise<boolean>): Promise<void> {
  await eventually(what, timeoutMs, async () => {
    if (!(await isSo())) throw new Error('it does not hold');
  });
}
