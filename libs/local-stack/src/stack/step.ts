import type { StepEvent, StepState } from './events.js';

/** States that count as "what depends on it may start". */
export const isSettled = (state: StepState): boolean => state === 'ready' || state === 'done';

/** The visible side of one part or job: its state, and a report of each change. */
export class Step {
  #state: StepState = 'waiting';
  #detail = '';
  #waitingOn: readonly string[] = [];
  #startedAt = Date.now();
  #since = new Date().toISOString();
  #durationMs: number | undefined;
  #restarts = 0;
  #restartedBecause: string | undefined;

  constructor(
    readonly id: string,
    private readonly typicalMs: number | undefined,
    private readonly changed: (event: StepEvent) => void,
  ) {}

  get state(): StepState {
    return this.#state;
  }

  get detail(): string {
    return this.#detail;
  }

  get waitingOn(): readonly string[] {
    return this.#waitingOn;
  }

  get since(): string {
    return this.#since;
  }

  /** How long the first start took; undefined while it goes on. */
  get durationMs(): number | undefined {
    return this.#durationMs;
  }

  get restarts(): number {
    return this.#restarts;
  }

  /** Why it was started again the last time. */
  get restartedBecause(): string | undefined {
    return this.#restartedBecause;
  }

  /** Counts a restart. */
  restart(because: string, inMs: number): void {
    this.#restarts++;
    this.#restartedBecause = because;
    this.become('restarting', `${because}; restart ${this.#restarts} in ${inMs / 1000} s`);
  }

  wait(waitingOn: readonly string[]): void {
    if (waitingOn.join() === this.#waitingOn.join()) return;
    this.#waitingOn = waitingOn;
    this.#report();
  }

  /** Moves to a state; says nothing when neither state nor detail changed. */
  become(state: StepState, detail = ''): void {
    if (state === this.#state && detail === this.#detail) return;
    if (state !== this.#state) this.#since = new Date().toISOString();
    if (state === 'starting' && this.#state !== 'starting' && this.#state !== 'slow') this.#startedAt = Date.now();
    this.#state = state;
    this.#detail = detail;
    this.#waitingOn = [];
    if (isSettled(state)) this.#durationMs ??= Date.now() - this.#startedAt;
    this.#report();
  }

  /** What a start shows now; turns to `slow` after twice the usual time, and no sooner than ten seconds. */
  progress(detail: string): void {
    const slow = this.typicalMs !== undefined && this.#elapsedMs > Math.max(2 * this.typicalMs, 10_000);
    this.become(slow ? 'slow' : 'starting', detail);
  }

  get #elapsedMs(): number {
    return Date.now() - this.#startedAt;
  }

  #report(): void {
    this.changed({
      v: 1,
      ts: new Date().toISOString(),
      type: 'step',
      id: this.id,
      state: this.#state,
      waitingOn: this.#waitingOn,
      detail: this.#detail,
      elapsedMs: this.#state === 'waiting' ? 0 : (this.#durationMs ?? this.#elapsedMs),
      ...(this.typicalMs === undefined ? {} : { typicalMs: this.typicalMs }),
      restarts: this.#restarts,
    });
  }
}
