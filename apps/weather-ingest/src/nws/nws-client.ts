import { setTimeout as sleep } from 'node:timers/promises';
import { classifyProblem, NwsError } from './nws-error.js';
import type { StoredAnswer, AnswerStore } from './answer-store.js';
import { Circuit } from './circuit.js';
import { ClockOffset } from './clock-offset.js';
import type { RequestBudget } from './request-budget.js';

export interface NwsClientOptions {
  readonly baseUrl: string;
  /** A mail address or a site. */
  readonly contact: string;
  readonly store: AnswerStore;
  readonly budget: RequestBudget;
  readonly now: () => number;
  readonly onRequest?: (outcome: string) => void;
  readonly timeoutMs?: number;
  readonly retryDelaysMs?: readonly number[];
  readonly spacingMs?: number;
  readonly random?: () => number;
  /** Where answers come from; the network without it. */
  readonly fetch?: (url: string, init: RequestInit) => Promise<Response>;
  /** Divides the time for which an answer is not asked for again: 1 in life, more for recordings in time-lapse. */
  readonly speed?: number;
  /** Waits between attempts; tests let time run faster. */
  readonly sleep?: (ms: number) => Promise<unknown>;
}

export interface NwsRequestOptions {
  /** An answer younger than this is not asked for again, whatever its headers say. */
  readonly minFreshMs?: number;
  /** Whether a fault leads to another attempt, after a pause; so it does unless this is false. */
  readonly retry?: boolean;
  /** Asks anew, without validators. */
  readonly ignoreCache?: boolean;
  /** Goes before those that wait for their turn. */
  readonly isUrgent?: boolean;
  /** What the endpoint gives. Anything else is handed over but not kept: it does not take the place of a good answer. */
  readonly isUsable?: (body: unknown) => boolean;
}

/** An answer and whether it is new: `fresh` came now, `unchanged` was confirmed now (304), `cached` needed no request. */
export interface NwsAnswer {
  readonly body: unknown;
  readonly freshness: 'fresh' | 'unchanged' | 'cached';
  readonly fetchedAtMs: number;
}

const bodyBytesMax = 8 * 1024 * 1024;
const redirectsMax = 3;
const concurrentMax = 2;
/** Longer than any endpoint asks for: a header with a slip of the pen must not silence it for years. */
const freshMaxMs = 86_400_000;
/** A clock that is set back by less does no harm. */
const clockStepMs = 60_000;

/**
 * Asks the weather service as it wishes to be asked: a User-Agent with a contact, the exact format, not before an answer expires,
 * with its validators, two requests at a time with a gap between them, and again after a fault with growing, random pauses.
 */
export class NwsClient {
  readonly clock = new ClockOffset();
  private readonly headers: Readonly<Record<string, string>>;
  private readonly running = new Map<string, Promise<NwsAnswer>>();
  private readonly waiting: (() => void)[] = [];
  private inFlight = 0;
  private nextStartMs = 0;
  private pausedUntilMs = 0;
  private pauseMs = 0;
  private readonly circuits = new Map<string, Circuit>();
  private unreachable: { readonly error: NwsError; readonly sinceMs: number } | undefined;
  /** No answer from one address while others answer. */
  private readonly ownFaults = new WeakSet<NwsError>();
  /** When the host last answered anything, by the process' own time. */
  private answeredAtMs = Number.NEGATIVE_INFINITY;

  constructor(private readonly options: NwsClientOptions) {
    this.headers = {
      'User-Agent': `isobar/0.1 (${options.contact})`,
      // Requests without a specific format have been served copies hours old.
      Accept: 'application/geo+json',
    };
  }

  /**
   * @param path such as `/points/40.7128,-74.006`
   * @throws NwsError
   */
  get(path: string, options: NwsRequestOptions = {}): Promise<NwsAnswer> {
    // Whoever asks for what is being asked for shares the answer.
    const running = this.running.get(path);
    if (running !== undefined) return running;
    const answer = this.getNow(path, options).finally(() => this.running.delete(path));
    this.running.set(path, answer);
    return answer;
  }

  /** The last usable answer, whatever its age, for while the service gives none. */
  async kept(path: string, isUsable: (body: unknown) => boolean): Promise<unknown> {
    const stored = await this.options.store.get(`${this.options.baseUrl}${path}`);
    return stored !== undefined && isUsable(stored.body) ? stored.body : undefined;
  }

  private async getNow(path: string, options: NwsRequestOptions): Promise<NwsAnswer> {
    const { minFreshMs = 0, retry = true, ignoreCache = false, isUrgent = false, isUsable = () => true } = options;
    const url = `${this.options.baseUrl}${path}`;
    const known = ignoreCache ? undefined : await this.options.store.get(url);
    const stored = known !== undefined && isUsable(known.body) ? known : undefined;
    const nowMs = this.options.now();
    if (stored !== undefined && isFresh(stored, minFreshMs / (this.options.speed ?? 1), nowMs))
      return { body: stored.body, freshness: 'cached', fetchedAtMs: stored.checkedAtMs };

    const circuit = this.circuitOf(path);
    circuit.assertClosed(nowMs);
    const delays = retry && !circuit.isProbing ? (this.options.retryDelaysMs ?? [2_000, 5_000, 10_000]) : [];
    for (let attempt = 0; ; attempt += 1) {
      try {
        const queuedMs = performance.now();
        const answer = await this.inTurn(() => {
          // Others of this round found the host out of reach while this one waited: it would only find the same.
          if (this.unreachable !== undefined && this.unreachable.sinceMs > queuedMs) throw this.unreachable.error;
          return this.request(url, stored, isUsable);
        }, isUrgent);
        this.options.onRequest?.(answer.freshness);
        // An outage mostly ends for all endpoints at once; nobody needs to wait out its own pause.
        if (circuit.succeeded()) for (const other of this.circuits.values()) other.probeNow();
        return answer;
      } catch (error) {
        if (!(error instanceof NwsError)) throw error;
        this.options.onRequest?.(error.kind);
        this.slowDown(error);
        if (error.kind === 'server-fault' || this.ownFaults.has(error)) circuit.failed(this.options.now());
        const delayMs = delays[attempt];
        // A host that cannot be reached is the poller's business: it probes again at its own pace.
        if (delayMs === undefined || !error.isTransient || error.kind === 'unreachable') throw error;
        const jitter = (this.options.random ?? Math.random)();
        await (this.options.sleep ?? sleep)(Math.max(delayMs * jitter, error.details.retryAfterMs ?? 0));
      }
    }
  }

  private async request(
    url: string,
    stored: StoredAnswer | undefined,
    isUsable: (body: unknown) => boolean,
  ): Promise<NwsAnswer> {
    const nowMs = this.options.now();
    if (nowMs < this.pausedUntilMs)
      throw new NwsError(
        'held-back',
        `Paused for another ${this.pausedUntilMs - nowMs} ms: the weather service asked for it`,
      );
    this.options.budget.take(nowMs);
    const response = await this.fetchFollowing(url, {
      ...this.headers,
      ...(stored?.etag === undefined ? {} : { 'If-None-Match': stored.etag }),
      ...(stored?.lastModified === undefined ? {} : { 'If-Modified-Since': stored.lastModified }),
    });
    if (response.status === 304 && stored !== undefined) {
      await response.body?.cancel();
      this.pauseMs = 0;
      await this.options.store.set(url, {
        ...stored,
        checkedAtMs: nowMs,
        expiresAtMs: expiryOf(response.headers, nowMs),
      });
      return { body: stored.body, freshness: 'unchanged', fetchedAtMs: nowMs };
    }
    const text = await readBody(response);
    if (!response.ok) throw classifyProblem(response.status, text, retryAfterMs(response.headers, nowMs));
    const body = parseBody(text, response.headers.get('content-type') ?? '');
    this.pauseMs = 0;
    if (!isUsable(body)) return { body, freshness: 'fresh', fetchedAtMs: nowMs };
    const etag = response.headers.get('etag') ?? undefined;
    const lastModified = response.headers.get('last-modified') ?? undefined;
    await this.options.store.set(url, {
      body,
      checkedAtMs: nowMs,
      expiresAtMs: expiryOf(response.headers, nowMs),
      ...(etag === undefined ? {} : { etag }),
      ...(lastModified === undefined ? {} : { lastModified }),
    });
    return { body, freshness: 'fresh', fetchedAtMs: nowMs };
  }

  /** Redirects stay on the host: an answer never sends us elsewhere. */
  private async fetchFollowing(url: string, headers: Record<string, string>): Promise<Response> {
    let target = url;
    for (let redirects = 0; redirects <= redirectsMax; redirects += 1) {
      let response: Response;
      const askedAtMs = performance.now();
      try {
        response = await (this.options.fetch ?? fetch)(target, {
          headers,
          redirect: 'manual',
          signal: AbortSignal.timeout(this.options.timeoutMs ?? 30_000),
        });
      } catch (error) {
        const failure = new NwsError('unreachable', `No answer from ${this.options.baseUrl}: ${reasonOf(error)}`, {
          cause: error,
        });
        this.options.budget.giveBack(this.options.now());
        // Where others were answered meanwhile, the trouble is this address' own.
        if (this.answeredAtMs < askedAtMs) this.unreachable = { error: failure, sinceMs: performance.now() };
        else this.ownFaults.add(failure);
        throw failure;
      }
      this.answeredAtMs = performance.now();
      this.clock.note(response.headers, this.options.now());
      const location = response.headers.get('location');
      if (response.status < 300 || response.status >= 400 || response.status === 304 || location === null)
        return response;
      await response.body?.cancel();
      const next = URL.parse(location, target);
      if (next === null) throw new NwsError('refused', `${target} redirects to what is no address: ${location}`);
      if (next.host !== new URL(url).host)
        throw new NwsError('refused', `${target} redirects to another host, ${next.host}`, { status: response.status });
      target = next.href;
    }
    throw new NwsError('refused', `${url} redirects more than ${redirectsMax} times`);
  }

  /** Two at a time, and a gap between starts. */
  private async inTurn<Value>(work: () => Promise<Value>, isUrgent: boolean): Promise<Value> {
    if (this.inFlight >= concurrentMax)
      await new Promise<void>((resolve) => (isUrgent ? this.waiting.unshift(resolve) : this.waiting.push(resolve)));
    else this.inFlight += 1;
    try {
      const waitMs = this.nextStartMs - performance.now();
      this.nextStartMs = Math.max(performance.now(), this.nextStartMs) + (this.options.spacingMs ?? 250);
      if (waitMs > 0) await sleep(waitMs);
      return await work();
    } finally {
      const next = this.waiting.shift();
      if (next === undefined) this.inFlight -= 1;
      else next();
    }
  }

  /** One circuit for each kind of request: a broken office does not silence the others. */
  private circuitOf(path: string): Circuit {
    const endpoint = path.replace(/\?.*/, '').replace(/\/-?\d[\d.]*,-?\d[\d.]*/, '/*');
    const known = this.circuits.get(endpoint);
    if (known !== undefined) return known;
    const circuit = new Circuit(endpoint);
    this.circuits.set(endpoint, circuit);
    return circuit;
  }

  /** Too fast or blocked: nothing at all for a while, doubling while it goes on. */
  private slowDown(error: NwsError): void {
    const pause = pauses[error.kind];
    if (pause === undefined) return;
    this.pauseMs = Math.min(pause.maxMs, Math.max(pause.firstMs, this.pauseMs * 2, error.details.retryAfterMs ?? 0));
    this.pausedUntilMs = this.options.now() + this.pauseMs;
  }
}

const pauses: Partial<Record<NwsError['kind'], { firstMs: number; maxMs: number }>> = {
  'rate-limited': { firstMs: 5_000, maxMs: 300_000 },
  blocked: { firstMs: 300_000, maxMs: 3_600_000 },
};

async function readBody(response: Response): Promise<string> {
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  try {
    for await (const chunk of response.body ?? []) {
      bytes += chunk.length;
      if (bytes > bodyBytesMax)
        throw new NwsError('unusable-answer', `The answer is larger than ${bodyBytesMax} bytes`);
      chunks.push(chunk);
    }
  } catch (error) {
    if (error instanceof NwsError) throw error;
    throw new NwsError('server-fault', `The answer broke off: ${reasonOf(error)}`, { cause: error });
  }
  return Buffer.concat(chunks).toString('utf8');
}

/** A page of a proxy with status 200 is a fault like any other. */
function parseBody(text: string, contentType: string): unknown {
  if (!contentType.includes('json') || text.trim() === '')
    throw new NwsError(
      'server-fault',
      `Status 200 with ${text.trim() === '' ? 'an empty body' : contentType || 'no content type'}`,
    );
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new NwsError('server-fault', 'Status 200 with half a body', { cause: error });
  }
}

/** When the answer may be asked for again, by our own clock; `max-age` goes before `Expires`. */
function expiryOf(headers: Headers, nowMs: number): number {
  const maxAge = /(?:^|[\s,])max-age=(\d+)/.exec(headers.get('cache-control') ?? '')?.[1];
  const expires = maxAge === undefined ? Date.parse(headers.get('expires') ?? '') : nowMs + Number(maxAge) * 1_000;
  return Number.isFinite(expires) ? Math.min(expires, nowMs + freshMaxMs) : nowMs;
}

/** An answer that was kept by a clock ahead of today's is not fresh until that clock's time comes. */
const isFresh = ({ checkedAtMs, expiresAtMs }: StoredAnswer, minFreshMs: number, nowMs: number): boolean =>
  checkedAtMs <= nowMs + clockStepMs &&
  nowMs < Math.max(Math.min(expiresAtMs, checkedAtMs + freshMaxMs), checkedAtMs + minFreshMs);

const retryAfterCapMs = 600_000;

function retryAfterMs(headers: Headers, nowMs: number): number | undefined {
  const value = headers.get('retry-after');
  if (value === null) return undefined;
  const ms = /^\d+$/.test(value) ? Number(value) * 1_000 : Date.parse(value) - nowMs;
  return Number.isFinite(ms) ? Math.min(retryAfterCapMs, Math.max(0, ms)) : undefined;
}

/** fetch hides the reason one or two causes deep. */
function reasonOf(error: unknown): string {
  let current: unknown = error;
  while (current instanceof Error && current.cause instanceof Error) current = current.cause;
  if (!(current instanceof Error)) return String(current);
  return 'code' in current && typeof current.code === 'string'
    ? `${current.message} (${current.code})`
    : current.message;
}
