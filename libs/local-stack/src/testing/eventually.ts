import { setTimeout as delay } from 'node:timers/promises';

/** Repeats a look until it does not throw, and returns what it saw. The last failure is the cause of the error. */
export async function eventually<T>(what: string, timeoutMs: number, look: () => T | Promise<T>): Promise<T> {
  for (const deadline = performance.now() + timeoutMs; ; await delay(100)) {
    try {
      return await look();
    } catch (error) {
      if (performance.now() > deadline) throw new Error(`${what}: not within ${timeoutMs} ms`, { cause: error });
    }
  }
}

/** Waits until the condition holds; while it throws it does not hold. */
export async function until(what: string, timeoutMs: number, isSo: () => boolean | Promise<boolean>): Promise<void> {
  await eventually(what, timeoutMs, async () => {
    if (!(await isSo())) throw new Error('it does not hold');
  });
}
