/** A part the service needs before it can do its work. `check` rejects, with a reason for people, while the part is not ready. */
export interface ReadinessPart {
  readonly name: string;
  /** @param signal aborted when the look took too long: whatever it waits for is no longer wanted */
  readonly check: (signal: AbortSignal) => Promise<void> | void;
  /** An optional part makes the service `degraded`, not unready. */
  readonly optional?: boolean;
}

/** What a look at a part showed. */
export interface PartFinding {
  /** Undefined while the part works. */
  readonly trouble: string | undefined;
}

export interface PartWatchLimits {
  /** A look that takes longer counts as one that failed. */
  readonly lookMs: number;
  /** A finding this young is not looked at again. */
  readonly freshMs: number;
  /** How long a question waits for a new finding; then it is answered with the one before. */
  readonly patienceMs: number;
  /** Between two looks that nobody asked for. */
  readonly pauseMs: number;
}

const defaults: PartWatchLimits = { lookMs: 2_000, freshMs: 200, patienceMs: 300, pauseMs: 1_000 };

/**
 * Looks at one part again and again from the first question on, one look at a time, so that neither many callers nor a neighbour that
 * hangs make an answer slow, and what is answered instead is at most some seconds old.
 */
export class PartWatch {
  #latest: PartFinding | undefined;
  #latestAt = 0;
  #looking: Promise<PartFinding> | undefined;
  #timer: NodeJS.Timeout | undefined;
  #isStopped = false;

  constructor(
    readonly part: ReadinessPart,
    private readonly limits: PartWatchLimits = defaults,
  ) {}

  async finding(): Promise<PartFinding> {
    if (this.#latest !== undefined && performance.now() - this.#latestAt < this.limits.freshMs) return this.#latest;
    let timer: NodeJS.Timeout | undefined;
    const patience = new Promise<PartFinding>((resolve) => {
      timer = setTimeout(
        () => resolve(this.#latest ?? { trouble: `no answer yet after ${this.limits.patienceMs} ms` }),
        this.limits.patienceMs,
      );
    });
    return Promise.race([this.#lookOnce(), patience]).finally(() => clearTimeout(timer));
  }

  stop(): void {
    this.#isStopped = true;
    clearTimeout(this.#timer);
  }

  #lookOnce(): Promise<PartFinding> {
    clearTimeout(this.#timer);
    this.#looking ??= this.#look().then((finding) => {
      this.#latest = finding;
      this.#latestAt = performance.now();
      this.#looking = undefined;
      if (!this.#isStopped) this.#timer = setTimeout(() => void this.#lookOnce(), this.limits.pauseMs).unref();
      return finding;
    });
    return this.#looking;
  }

  async #look(): Promise<PartFinding> {
    const tooLong = new AbortController();
    let timer: NodeJS.Timeout | undefined;
    try {
      await Promise.race([
        this.part.check(tooLong.signal),
        new Promise<never>((_, reject) => {
          timer = setTimeout(() => {
            reject(new Error(`no answer within ${this.limits.lookMs} ms`));
            tooLong.abort();
          }, this.limits.lookMs).unref();
        }),
      ]);
      return { trouble: undefined };
    } catch (error) {
      return { trouble: error instanceof Error ? error.message : String(error) };
    } finally {
      clearTimeout(timer);
    }
  }
}
