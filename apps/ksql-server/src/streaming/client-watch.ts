import type { Logger } from 'pino';

/** Closes what a client left. That this fails is no reason to end anything else. */
export function closeQuietly(opened: { close(): Promise<void> }, log: Logger): void {
  opened.close().catch((error: unknown) => log.warn({ err: error }, 'what a client left could not be closed'));
}

/**
 * The batches, each of which may be waited for until the time of all waiting is used up. What the client takes to read does not count.
 * @throws what `expired` gives
 */
export async function* withinTime<T>(
  batches: AsyncIterable<T>,
  timeoutMs: number,
  expired: () => Error,
): AsyncGenerator<T> {
  const iterator = batches[Symbol.asyncIterator]();
  let leftMs = timeoutMs;
  for (;;) {
    const startedMs = performance.now();
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<never>((_, reject) => {
      timer = setTimeout(() => reject(expired()), Math.max(0, leftMs));
    });
    const next = iterator.next();
    // Nobody waits for it any more once it is late.
    next.catch(() => undefined);
    let result: IteratorResult<T>;
    try {
      result = await Promise.race([next, late]);
    } finally {
      clearTimeout(timer);
    }
    leftMs -= performance.now() - startedMs;
    if (result.done === true) return;
    yield result.value;
    if (leftMs <= 0) throw expired();
  }
}
