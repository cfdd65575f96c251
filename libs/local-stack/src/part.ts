import type { FreshArchive } from './jvm/jvm-launch.js';
import type { LaunchSpec, StopPolicy } from './process/part-process.js';

/** What a look at a running part shows: whether it can be used, and in a few words what was seen. */
export interface Readiness {
  readonly ready: boolean;
  readonly sees: string;
}

/** One process of the stack: how to start it, how to tell that it is ready, how to stop it. Who restarts it is not its business. */
export interface Part {
  readonly name: string;
  /** Names of the parts and jobs that must be ready before this one starts. */
  readonly startsAfter: readonly string[];
  /** Parts of a higher rank stop earlier. */
  readonly stopRank: number;
  readonly address: string;
  readonly stop: StopPolicy;
  /** Work before each start: rendering configuration, formatting a new data folder. The signal ends it early. */
  prepare?(signal: AbortSignal): Promise<void>;
  launch(): LaunchSpec & { readonly freshArchive?: FreshArchive };
  /** One look, at most about a second. Never throws for a part that is merely not ready. */
  check(): Promise<Readiness>;
  /** Work after the first readiness of each start, such as creating roles. */
  afterReady?(): Promise<void>;
}

/** A step that ends: done, or failed. */
export interface Job {
  readonly name: string;
  readonly startsAfter: readonly string[];
  /** @returns a few words on what was done */
  run(report: (detail: string) => void): Promise<string>;
}

/** A look by HTTP: ready on any 2xx answer. */
export async function checkHttp(url: string): Promise<Readiness> {
  const path = new URL(url).pathname;
  try {
    const response = await fetch(url, { signal: AbortSignal.timeout(1500) });
    await response.body?.cancel();
    return { ready: response.ok, sees: `${path} answers ${response.status}` };
  } catch (error) {
    const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
    const code = cause instanceof Error && 'code' in cause ? String(cause.code) : 'no answer';
    return { ready: false, sees: code === 'ECONNREFUSED' ? 'not listening yet' : `${path}: ${code}` };
  }
}
