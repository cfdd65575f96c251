import { stretchedMs } from './crowding.js';
import type { FreshArchive } from './jvm/jvm-launch.js';
import type { LaunchSpec, StopPolicy } from './process/part-process.js';

/** What a look at a running part shows: whether it can be used, and in a few words what was seen. */
export interface Readiness {
  readonly ready: boolean;
  readonly sees: string;
  /** What works with less than it should, although the part is ready. */
  readonly degraded?: string;
  /**
   * What the part promises and does not happen, although the part can be used. What waits for its start starts; the system is not ready.
   */
  readonly trouble?: string;
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
  /**
   * Whether the process itself still answers, whichever of its neighbours is away. Asked only while it is not ready; a part that had
   * answered and no longer does is ended and started again. Never throws.
   */
  isAlive(): Promise<boolean>;
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

/** Long enough for a service that itself gives its neighbours two seconds; more where the machine is crowded. */
export const answerTimeoutMs = (): number => stretchedMs(3000, 4);
/** Who does not answer within this time is about to be ended, so that a slow machine is given the benefit of the doubt. */
export const aliveTimeoutMs = 10_000;

/** A look by HTTP: ready on any 2xx answer. A service of ours says in its `/readyz` what it waits for, and that is shown. */
export async function checkHttp(url: string): Promise<Readiness> {
  const path = new URL(url).pathname;
  const timeoutMs = answerTimeoutMs();
  try {
    const response = await fetch(url, { signal: AbortSignal.timeout(timeoutMs) });
    const troubles = troublesIn(await response.text());
    if (response.ok) return { ready: true, sees: troubles, ...(troubles === '' ? {} : { degraded: troubles }) };
    return { ready: false, sees: troubles === '' ? `${path} answers ${response.status}` : troubles };
  } catch (error) {
    return { ready: false, sees: describeFetchError(path, error, timeoutMs) };
  }
}

/** Where a server tells that it can be used, and where it tells whether what it promises happens; the first of the latter that exists. */
export interface HealthUrls {
  readonly usable: string;
  readonly healthy: readonly string[];
}

/**
 * A look at a server that is used by others long before all is well with it, as ksql-server is by those who create its queries: usable is
 * ready, and what is not well is its trouble.
 */
export async function checkUsableAndHealthy({ usable, healthy }: HealthUrls): Promise<Readiness> {
  const use = await checkHttp(usable);
  if (!use.ready) return use;
  for (const url of healthy) {
    const health = await checkHttp(url);
    if (health.sees === `${new URL(url).pathname} answers 404`) continue;
    return health.ready ? health : { ready: true, sees: use.sees, trouble: health.sees };
  }
  return use;
}

/** Whether a program answers by HTTP at all, whatever it says. */
export async function answersHttp(url: string, timeoutMs = aliveTimeoutMs): Promise<boolean> {
  try {
    const response = await fetch(url, { signal: AbortSignal.timeout(timeoutMs) });
    await response.body?.cancel();
    return true;
  } catch {
    return false;
  }
}

/** `postgres: connection refused; kafka: no broker` from a readiness report; empty for any other text. */
function troublesIn(body: string): string {
  try {
    const { parts } = JSON.parse(body) as { parts: Record<string, { status: string; reason?: string }> };
    return Object.entries(parts)
      .filter(([, { status }]) => status === 'down')
      .map(([name, { reason }]) => `${name}: ${reason ?? 'down'}`)
      .join('; ');
  } catch {
    return '';
  }
}

function describeFetchError(path: string, error: unknown, timeoutMs: number): string {
  const { name, cause } = error as { name?: string; cause?: { code?: string } };
  if (name === 'TimeoutError') return `${path} does not answer within ${(timeoutMs / 1000).toFixed(0)} s`;
  return cause?.code === 'ECONNREFUSED' ? 'not listening yet' : `${path}: ${cause?.code ?? String(error)}`;
}
