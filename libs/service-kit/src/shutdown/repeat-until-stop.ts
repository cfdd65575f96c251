import { setTimeout as delay } from 'node:timers/promises';
import type { Shutdown } from './shutdown.js';

/**
 * Does something in the background, waits, and does it again, until the service stops: the first step of a stop ends it. What fails is
 * done again as well; that it failed is for `work` to tell. Nothing is kept running by it.
 *
 * @param name how the part is called when it stops
 * @param work is told by the signal when the service stops
 */
export function repeatUntilStop(
  shutdown: Shutdown,
  name: string,
  pauseMs: number,
  work: (signal: AbortSignal) => Promise<void>,
): void {
  const stopping = new AbortController();
  const { signal } = stopping;
  shutdown.register('accepting', name, () => stopping.abort());
  void (async () => {
    while (!signal.aborted) {
      await work(signal).catch(() => undefined);
      await delay(pauseMs, undefined, { signal, ref: false }).catch(() => undefined);
    }
  })();
}
