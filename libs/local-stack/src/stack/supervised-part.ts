import { setTimeout as sleep } from 'node:timers/promises';
import { keepArchive } from '../jvm/jvm-launch.js';
import type { Part } from '../part.js';
import { PartProcess, type ProcessExit } from '../process/part-process.js';
import { describeExit, diagnose, lastLines } from './diagnose.js';
import { StepFailure } from './step-failure.js';
import type { Step } from './step.js';

export interface SupervisionTimes {
  /** Between two looks at a part that starts. */
  readonly startCheckMs: number;
  /** Between two looks at a part that is ready. */
  readonly aliveCheckMs: number;
  /** Pause before the first restart; doubles with each further one. */
  readonly firstBackOffMs: number;
  readonly longestBackOffMs: number;
  /** A part that stayed ready this long has its back-off forgotten. */
  readonly stableAfterMs: number;
}

export const defaultSupervisionTimes: SupervisionTimes = {
  startCheckMs: 100,
  aliveCheckMs: 5000,
  firstBackOffMs: 1000,
  longestBackOffMs: 30_000,
  stableAfterMs: 60_000,
};

/** Keeps one part running: starts it, looks at it, and starts it again when it ends by itself. */
export class SupervisedPart {
  #process: PartProcess | undefined;
  #stopping = false;
  #starting: Promise<void> = Promise.resolve();
  readonly #stopped = new AbortController();
  #consecutiveRestarts = 0;
  #degraded: string | undefined;

  constructor(
    readonly part: Part,
    readonly step: Step,
    readonly logFile: string,
    private readonly times: SupervisionTimes = defaultSupervisionTimes,
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

  /** Asks the part to stop; kills it after its own time limit or the given one, whichever is shorter. */
  async stop(atMostMs: number): Promise<void> {
    this.#stopping = true;
    this.#stopped.abort();
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
    if (freshArchive !== undefined) void running.exited.then(() => keepArchive(freshArchive));
    this.step.become('starting', 'process started');
    for (;;) {
      const { ready, sees, degraded } = await this.part.check();
      if (running.exit !== undefined) throw this.#failureOf(running.exit);
      if (ready) {
        await this.part.afterReady?.();
        this.#degraded = degraded;
        this.step.become('ready', sees);
        return;
      }
      if (!this.#stopping) this.step.progress(sees);
      await this.#pause(this.times.startCheckMs);
      // Whoever stops us ends the process; a pause is none any more.
      if (this.#isStopping()) await running.exited;
    }
  }

  #failureOf(exit: ProcessExit): StepFailure {
    const log = lastLines(this.logFile, 40);
    return new StepFailure(this.part.name, describeExit(exit), {
      ...diagnose(this.part.name, log),
      logFile: this.logFile,
      lastLogLines: log.slice(-10),
    });
  }

  /** Until the part is stopped: looks whether it answers, and restarts it when its process has ended. */
  async #watch(): Promise<void> {
    let readySince = Date.now();
    while (!this.#stopping) {
      const running = this.#process;
      if (running === undefined) return;
      await Promise.race([running.exited, this.#pause(this.times.aliveCheckMs)]);
      if (this.#isStopping()) return;
      if (running.exit === undefined) {
        const { ready, sees, degraded } = await this.part.check();
        this.#degraded = degraded;
        if (!this.#isStopping() && running.exit === undefined) this.step.become(ready ? 'ready' : 'unready', sees);
        continue;
      }
      if (Date.now() - readySince > this.times.stableAfterMs) this.#consecutiveRestarts = 0;
      if (await this.#restart(running.exit)) readySince = Date.now();
    }
  }

  /** @returns whether the part is ready again */
  async #restart(exit: ProcessExit): Promise<boolean> {
    const backOffMs = Math.min(this.times.firstBackOffMs * 2 ** this.#consecutiveRestarts, this.times.longestBackOffMs);
    this.#consecutiveRestarts++;
    this.step.restarts++;
    this.step.become('restarting', `${describeExit(exit)}; restart ${this.step.restarts} in ${backOffMs / 1000} s`);
    await this.#pause(backOffMs);
    if (this.#isStopping()) return false;
    try {
      await this.#startTracked();
      return true;
    } catch (error) {
      if (!this.#isStopping()) this.step.become('restarting', error instanceof Error ? error.message : String(error));
      return false;
    }
  }

  /** A method, since the field may change during any wait. */
  #isStopping(): boolean {
    return this.#stopping;
  }

  async #pause(ms: number): Promise<void> {
    await sleep(ms, undefined, { signal: this.#stopped.signal }).catch(() => undefined);
  }
}
