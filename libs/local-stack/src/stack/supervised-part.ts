import { setTimeout as sleep } from 'node:timers/promises';
import { crowding } from '../crowding.js';
import { keepArchive } from '../jvm/jvm-launch.js';
import type { Part } from '../part.js';
import { PartProcess } from '../process/part-process.js';
import { describeExit, diagnose, lastLines } from './diagnose.js';
import { StepFailure } from './step-failure.js';
import type { Step } from './step.js';

export interface SupervisionTimes {
  /** Between two looks at a part that starts. */
  readonly startCheckMs: number;
  /** Between two looks at a part that is not ready although it was. */
  readonly troubleCheckMs: number;
  /** Between two looks at a part that has become ready not long ago, or beside which another one got into trouble. */
  readonly aliveCheckMs: number;
  /** Between two looks at a part that has been ready for long. */
  readonly restCheckMs: number;
  /** A process that has answered and then is silent for this long is hung: it is ended and started again. */
  readonly hungAfterMs: number;
  /** When so much time passed between two looks at a part in trouble, it was not the part that stood still. */
  readonly sleptAfterMs: number;
  /** Pause before the first restart; doubles with each further one. */
  readonly firstBackOffMs: number;
  readonly longestBackOffMs: number;
  /** A part that stayed ready this long is looked at less often, and has its back-off forgotten. */
  readonly stableAfterMs: number;
}

export const defaultSupervisionTimes: SupervisionTimes = {
  startCheckMs: 100,
  troubleCheckMs: 1000,
  aliveCheckMs: 2000,
  restCheckMs: 5000,
  hungAfterMs: 30_000,
  // A look takes ten seconds at most, and ten more where it is the first one of a trouble.
  sleptAfterMs: 25_000,
  firstBackOffMs: 1000,
  longestBackOffMs: 30_000,
  stableAfterMs: 60_000,
};

/** A part that hangs is ended within minutes even on the most crowded machine. */
const hungStretchMax = 4;

/**
 * Keeps one part running: starts it, looks at it, and starts it again when its process ends by itself or hangs. A part that answers
 * that it is not ready, since one of its neighbours is away, is left alone: a restart would only add to the trouble.
 */
export class SupervisedPart {
  #process: PartProcess | undefined;
  #stopping = false;
  #starting: Promise<void> = Promise.resolve();
  readonly #stopped = new AbortController();
  #consecutiveRestarts = 0;
  #degraded: string | undefined;
  /** Whether the present process has answered at all; until then it is on its way up, however long that takes. */
  #hasAnswered = false;
  #silentSinceMs: number | undefined;
  #lookedAtMs = performance.now();
  #calmSinceMs = performance.now();
  #wake: () => void = () => undefined;

  constructor(
    readonly part: Part,
    readonly step: Step,
    readonly logFile: string,
    private readonly times: SupervisionTimes = defaultSupervisionTimes,
    /** Why no process can work here now, such as a full disk; a restart waits until there is no such reason. */
    private readonly obstacle: () => string | undefined = () => undefined,
  ) {}

  get process(): PartProcess | undefined {
    return this.#process;
  }

  /** What works with less than it should. */
  get degraded(): string | undefined {
    return this.#degraded;
  }

  /**
   * The first start; later ends are repaired in the background.
   * @throws StepFailure when the part ends, or its preparation fails, before it was ready once
   */
  async start(): Promise<void> {
    try {
      await this.#startTracked();
    } catch (error) {
      if (!this.#stopping) this.step.become('failed', error instanceof Error ? error.message : String(error));
      throw StepFailure.from(this.part.name, error);
    }
    void this.#watch();
  }

  /** The next look is due now, and those after it come more often for a while. */
  lookSoon(): void {
    this.#calmSinceMs = performance.now();
    this.#wake();
  }

  /** Asks the part to stop; kills it after its own time limit or the given one, whichever is shorter. */
  async stop(atMostMs: number): Promise<void> {
    this.#stopping = true;
    this.#stopped.abort();
    this.#wake();
    const running = this.#process;
    if (running !== undefined && running.exit === undefined) {
      this.step.become('stopping');
      const { signal, timeoutMs } = this.part.stop;
      await running.stop({ signal, timeoutMs: Math.max(0, Math.min(timeoutMs, atMostMs)) });
    }
    await this.#starting.catch(() => undefined);
    if (this.step.state !== 'failed') this.step.become('stopped');
  }

  /** Ends it at once, children included. */
  async kill(): Promise<void> {
    this.#stopping = true;
    this.#stopped.abort();
    this.#wake();
    await this.#process?.kill();
  }

  #startTracked(): Promise<void> {
    this.#starting = this.#startOnce();
    return this.#starting;
  }

  async #startOnce(): Promise<void> {
    this.step.become('starting', 'preparing');
    await this.part.prepare?.(this.#stopped.signal);
    if (this.#stopping) throw new StepFailure(this.part.name, 'stopped while it was starting');
    const { freshArchive, ...spec } = this.part.launch();
    const running = PartProcess.start(spec, this.logFile);
    this.#process = running;
    this.#hasAnswered = false;
    this.#silentSinceMs = undefined;
    void running.exited.then(() => this.#wake());
    if (freshArchive !== undefined) void running.exited.then(() => keepArchive(freshArchive));
    this.step.become('starting', 'process started');
    for (let lastAskedMs = performance.now(); ;) {
      const { ready, sees, degraded, trouble } = await this.part.check();
      if (running.exit !== undefined) throw this.#failureOf(describeExit(running.exit));
      if (ready) {
        await this.part.afterReady?.();
        this.#degraded = degraded;
        this.#hasAnswered = true;
        this.#silentSinceMs = undefined;
        this.#calmSinceMs = performance.now();
        // Whoever waits for it may go on; what does not happen is shown at once all the same.
        this.step.become('ready', sees);
        if (trouble !== undefined) this.step.become('unready', trouble);
        return;
      }
      if (!this.#stopping) this.step.progress(sees);
      if (performance.now() - lastAskedMs >= this.times.troubleCheckMs) {
        if (await this.#isHung()) throw this.#failureOf(this.#describeHang(sees));
        lastAskedMs = performance.now();
      }
      await this.#pause(this.times.startCheckMs);
      // Whoever stops us ends the process; a pause is none any more.
      if (this.#isStopping()) await running.exited;
    }
  }

  #failureOf(what: string): StepFailure {
    const log = lastLines(this.logFile, 40);
    return new StepFailure(this.part.name, what, {
      ...diagnose(this.part.name, log),
      logFile: this.logFile,
      lastLogLines: log.slice(-10),
    });
  }

  /** Until the part is stopped: looks whether it answers, and restarts it when its process has ended or hangs. */
  async #watch(): Promise<void> {
    let readySinceMs = performance.now();
    while (!this.#stopping) {
      const running = this.#process;
      if (running === undefined) return;
      if (running.exit === undefined) await this.#untilNextLook();
      if (this.#isStopping()) return;
      let because = running.exit === undefined ? await this.#lookForHang(running) : describeExit(running.exit);
      if (because === undefined) continue;
      if (performance.now() - readySinceMs > this.times.stableAfterMs) this.#consecutiveRestarts = 0;
      while (because !== undefined) because = await this.#restart(because);
      readySinceMs = performance.now();
    }
  }

  /**
   * One look at a part that runs.
   * @returns why it has to be started again, if it has to
   */
  async #lookForHang(running: PartProcess): Promise<string | undefined> {
    const { ready, sees, degraded, trouble } = await this.part.check();
    this.#degraded = degraded;
    // Shown before it is asked whether it lives at all: to find that out may take as long again.
    if (!ready && !this.#isStopping() && running.exit === undefined) this.step.become('unready', trouble ?? sees);
    const isHung = !ready && (await this.#isHung());
    if (this.#isStopping() || running.exit !== undefined) return undefined;
    if (isHung) {
      await running.kill();
      return this.#describeHang(sees);
    }
    if (ready) {
      this.#silentSinceMs = undefined;
      if (this.step.state !== 'ready') this.#calmSinceMs = performance.now();
    }
    this.step.become(ready && trouble === undefined ? 'ready' : 'unready', trouble ?? sees);
    return undefined;
  }

  /**
   * Silence is counted from the first look that got no answer, and anew after a gap in our own looks: a machine that slept, or that gave
   * us no time, gave the part none either.
   */
  async #isHung(): Promise<boolean> {
    const isAlive = await this.part.isAlive();
    const sinceLookMs = performance.now() - this.#lookedAtMs;
    this.#lookedAtMs = performance.now();
    if (isAlive) {
      this.#hasAnswered = true;
      this.#silentSinceMs = undefined;
      return false;
    }
    if (!this.#hasAnswered) return false;
    if (sinceLookMs > this.times.sleptAfterMs) this.#silentSinceMs = undefined;
    this.#silentSinceMs ??= performance.now();
    return performance.now() - this.#silentSinceMs >= this.times.hungAfterMs * Math.min(hungStretchMax, crowding());
  }

  #describeHang(sees: string): string {
    return `ran without an answer for ${this.times.hungAfterMs / 1000} s (${sees}) and was ended`;
  }

  /** @returns why it has to be started once more; undefined when it is ready again, or is to stop */
  async #restart(because: string): Promise<string | undefined> {
    const backOffMs = Math.min(this.times.firstBackOffMs * 2 ** this.#consecutiveRestarts, this.times.longestBackOffMs);
    this.#consecutiveRestarts++;
    const obstacle = this.obstacle();
    this.step.restart(obstacle === undefined ? because : `${because} (${obstacle})`, backOffMs);
    await this.#pause(backOffMs);
    await this.#untilNoObstacle();
    if (this.#isStopping()) return undefined;
    try {
      await this.#startTracked();
      return undefined;
    } catch (error) {
      if (this.#isStopping()) return undefined;
      // What came up halfway is no start.
      await this.#process?.kill();
      return error instanceof Error ? error.message : String(error);
    }
  }

  async #untilNoObstacle(): Promise<void> {
    for (;;) {
      const obstacle = this.obstacle();
      if (obstacle === undefined || this.#isStopping()) return;
      this.step.become('restarting', `waits: ${obstacle}`);
      await this.#pause(this.times.troubleCheckMs);
    }
  }

  /** Until a look is due: soon in trouble, seldom after a long time without; at once when the process ends. */
  async #untilNextLook(): Promise<void> {
    const isCalm = performance.now() - this.#calmSinceMs > this.times.stableAfterMs;
    const readyMs = isCalm ? this.times.restCheckMs : this.times.aliveCheckMs;
    const waitMs = this.step.state === 'ready' ? readyMs : this.times.troubleCheckMs;
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, waitMs);
      this.#wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });
    this.#wake = () => undefined;
  }

  /** A method, since the field may change during any wait. */
  #isStopping(): boolean {
    return this.#stopping;
  }

  async #pause(ms: number): Promise<void> {
    await sleep(ms, undefined, { signal: this.#stopped.signal }).catch(() => undefined);
  }
}
