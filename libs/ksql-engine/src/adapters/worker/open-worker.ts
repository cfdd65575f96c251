import { Worker } from 'node:worker_threads';
import type { FromThread } from './query-messages.js';
import type { OpenedThread } from './thread-handle.js';

export interface WorkerOptions {
  /** The program of the thread, compiled. It calls `serveQueries`. */
  readonly program: URL;
  /** What the program finds as its `workerData`. */
  readonly data: unknown;
  /** Heap of the thread, MiB: one that needs more is ended. */
  readonly heapMiBMax: number;
}

/** What dies young should not be copied: with less, each record of a large state costs up to a fifth more. */
const YOUNG_MIB = 64;

/** A thread of Node that runs queries. */
export function openWorker({ program, data, heapMiBMax }: WorkerOptions): OpenedThread {
  const worker = new Worker(program, {
    workerData: data,
    resourceLimits: { maxOldGenerationSizeMb: heapMiBMax, maxYoungGenerationSizeMb: YOUNG_MIB },
  });
  let tell: ((reason: string) => void) | undefined;
  let failure: string | undefined;
  worker.on('error', (error) => (failure = describe(error, heapMiBMax)));
  worker.on('exit', (code) => tell?.(failure ?? `it was ended (${code})`));
  return {
    postMessage: (message, transfer) => worker.postMessage(message, transfer === undefined ? [] : [...transfer]),
    onMessage: (take) => worker.on('message', (message: FromThread) => take(message)),
    onGone: (gone) => (tell = gone),
    terminate: async () => void (await worker.terminate()),
  };
}

/** An error of the thread comes from another realm under some loaders, so it is known by its code. */
function describe(error: unknown, heapMiBMax: number): string {
  const { code, message } = error as { code?: unknown; message?: unknown };
  return code === 'ERR_WORKER_OUT_OF_MEMORY'
    ? `its queries needed more than ${heapMiBMax} MiB of memory`
    : String(message ?? error);
}
