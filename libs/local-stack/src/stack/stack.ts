import { existsSync, renameSync } from 'node:fs';
import { join } from 'node:path';
import type { StackHome } from '../home.js';
import type { Job, Part } from '../part.js';
import type { PartState } from '../run/state-file.js';
import type { Failure, StackObserver, StepEvent } from './events.js';
import { isSettled, Step } from './step.js';
import { StepFailure } from './step-failure.js';
import { defaultSupervisionTimes, SupervisedPart, type SupervisionTimes } from './supervised-part.js';
import type { TypicalDurations } from './typical-durations.js';

export interface StackPlan {
  readonly parts: readonly Part[];
  readonly jobs: readonly Job[];
}

export interface StackOptions {
  readonly home: StackHome;
  readonly observe: StackObserver;
  readonly typical?: TypicalDurations;
  readonly times?: SupervisionTimes;
  /** Why no process can work here now; restarts wait until there is no such reason. */
  readonly obstacle?: () => string | undefined;
}

/** All parts together may take this long to stop; users are promised 15 s. */
const stopBudgetMs = 14_000;
const reservedPerRankMs = 2500;

/** Parts and jobs in the order of their dependencies, as much side by side as that allows. */
export class Stack {
  readonly #parts = new Map<string, SupervisedPart>();
  readonly #steps = new Map<string, Step>();
  readonly #troubled = new Set<string>();
  #failed: StepFailure | undefined;
  #stopping: Promise<void> | undefined;

  constructor(
    private readonly plan: StackPlan,
    options: StackOptions,
  ) {
    const observe: StackObserver = (event) => {
      options.observe(event);
      if (event.type === 'step') this.#noteTrouble(event);
    };
    for (const { name } of inOrder([...plan.parts, ...plan.jobs]))
      this.#steps.set(name, new Step(name, options.typical?.[name], observe));
    for (const part of plan.parts) {
      const logFile = join(options.home.logs, `${part.name}.log`);
      this.#parts.set(
        part.name,
        new SupervisedPart(
          part,
          this.#step(part.name),
          logFile,
          options.times ?? defaultSupervisionTimes,
          options.obstacle,
        ),
      );
    }
  }

  /**
   * Starts everything and resolves when every part is ready and every job done.
   * @throws StepFailure of the first step that failed; what runs keeps running until {@link stop}
   */
  async start(): Promise<void> {
    const finished = new Map<string, Promise<void>>();
    const begin = (name: string, startsAfter: readonly string[], run: () => Promise<void>): void => {
      const blockers = startsAfter.filter((blocker) => this.#steps.has(blocker));
      const done = this.#afterBlockers(name, blockers, finished).then(async () => {
        if (this.#failed === undefined && this.#stopping === undefined) await run();
      });
      finished.set(name, done);
    };
    for (const { name, startsAfter } of inOrder([...this.plan.parts, ...this.plan.jobs])) {
      const supervised = this.#parts.get(name);
      const job = this.plan.jobs.find((candidate) => candidate.name === name);
      begin(name, startsAfter, async () => {
        if (supervised !== undefined) rotateLog(supervised.logFile);
        await (supervised === undefined ? this.#runJob(job) : supervised.start());
      });
    }
    try {
      await Promise.all(
        [...finished].map(([name, done]) =>
          done.catch((error: unknown) => {
            this.#failed ??= StepFailure.from(name, error);
            throw this.#failed;
          }),
        ),
      );
    } finally {
      for (const done of finished.values()) done.catch(() => undefined);
    }
  }

  /** Stops rank by rank, highest first. A second call waits for the first. */
  stop(): Promise<void> {
    this.#stopping ??= this.#stopRanks();
    return this.#stopping;
  }

  /** Ends every process at once. */
  async killAll(): Promise<void> {
    await Promise.all([...this.#parts.values()].map((part) => part.kill()));
  }

  failureOf(error: StepFailure): Failure {
    const notStarted = [...this.#steps.values()].filter(({ state }) => state === 'waiting').map(({ id }) => id);
    return {
      step: error.step,
      what: error.message,
      ...(error.details.why === undefined ? {} : { why: error.details.why }),
      ...(error.details.fix === undefined ? {} : { fix: error.details.fix }),
      ...(error.details.logFile === undefined ? {} : { logFile: error.details.logFile }),
      lastLogLines: error.details.lastLogLines ?? [],
      notStarted,
    };
  }

  /** How long each first start took, in milliseconds. */
  durations(): TypicalDurations {
    return Object.fromEntries(
      [...this.#steps.values()].flatMap(({ id, durationMs }) => (durationMs === undefined ? [] : [[id, durationMs]])),
    );
  }

  /** What works with less than it should, such as simulated weather: one sentence each. */
  degraded(): string[] {
    return [...this.#parts].flatMap(([name, { degraded }]) => (degraded === undefined ? [] : [`${name}: ${degraded}`]));
  }

  /** What is promised and does not happen: one sentence for each step, in the plan's order, so that a cause stands before its effects. */
  troubles(): string[] {
    return [...this.#steps.values()].flatMap(({ id, state, detail }) =>
      isSettled(state)
        ? []
        : [`${id} ${state === 'unready' ? 'is not ready' : `is ${state}`}${detail && `: ${detail}`}`],
    );
  }

  /** The state of each step, in the plan's order. */
  states(): Record<string, PartState> {
    return Object.fromEntries(
      [...this.#steps].map(([name, { state, detail, restarts, restartedBecause, since, waitingOn }]) => {
        const supervised = this.#parts.get(name);
        const running = supervised?.process?.exit === undefined ? supervised?.process?.identity : undefined;
        return [
          name,
          {
            state,
            detail,
            restarts,
            since,
            waitingOn,
            ...(restartedBecause === undefined ? {} : { restartedBecause }),
            ...(supervised === undefined ? {} : { address: supervised.part.address, logFile: supervised.logFile }),
            ...(running === undefined ? {} : { process: running }),
          },
        ];
      }),
    );
  }

  /** A part that is ready for long is looked at seldom; when another one gets into trouble, at once. */
  #noteTrouble({ id, state }: StepEvent): void {
    if (state === 'ready') this.#troubled.delete(id);
    if ((state !== 'restarting' && state !== 'unready') || this.#troubled.has(id)) return;
    this.#troubled.add(id);
    for (const [name, part] of this.#parts) if (name !== id) part.lookSoon();
  }

  /** Tells the waiting step of its blockers' states until all are settled. */
  async #afterBlockers(
    name: string,
    blockers: readonly string[],
    finished: ReadonlyMap<string, Promise<void>>,
  ): Promise<void> {
    const tell = (): void => {
      if (this.#step(name).state !== 'waiting') return;
      const open = blockers.map((blocker) => this.#step(blocker)).filter(({ state }) => !isSettled(state));
      this.#step(name).wait(open.map(({ id, state }) => `${id}:${state}`));
    };
    tell();
    const timer = setInterval(tell, 100);
    const settled = await Promise.allSettled(blockers.flatMap((blocker) => finished.get(blocker) ?? []));
    clearInterval(timer);
    // The blocker reports its own failure; what waits for it simply never starts.
    if (settled.some(({ status }) => status === 'rejected')) await new Promise<never>(() => undefined);
  }

  async #runJob(job: Job | undefined): Promise<void> {
    if (job === undefined) return;
    const step = this.#step(job.name);
    step.become('starting');
    try {
      step.become('done', await job.run((detail) => step.progress(detail)));
    } catch (error) {
      step.become('failed', error instanceof Error ? error.message : String(error));
      throw error;
    }
  }

  /** Each rank may take what its parts ask for, as long as enough is left for the ranks after it. */
  async #stopRanks(): Promise<void> {
    const deadlineMs = Date.now() + stopBudgetMs;
    const ranks = [...new Set([...this.#parts.values()].map(({ part }) => part.stopRank))].sort((a, b) => b - a);
    for (const [index, rank] of ranks.entries()) {
      const reservedMs = reservedPerRankMs * (ranks.length - 1 - index);
      const ofRank = [...this.#parts.values()].filter(({ part }) => part.stopRank === rank);
      await Promise.all(ofRank.map((part) => part.stop(deadlineMs - Date.now() - reservedMs)));
    }
  }

  #step(name: string): Step {
    const step = this.#steps.get(name);
    if (step === undefined) throw new Error(`The plan has no step ${name}`);
    return step;
  }
}

/** Steps after those they wait for. */
function inOrder<S extends { name: string; startsAfter: readonly string[] }>(steps: readonly S[]): S[] {
  const ordered: S[] = [];
  const visit = (step: S, path: readonly string[]): void => {
    if (path.includes(step.name)) throw new Error(`Steps wait for each other: ${[...path, step.name].join(' → ')}`);
    if (ordered.includes(step)) return;
    for (const name of step.startsAfter) {
      const blocker = steps.find((candidate) => candidate.name === name);
      if (blocker !== undefined) visit(blocker, [...path, step.name]);
    }
    ordered.push(step);
  };
  for (const step of steps) visit(step, []);
  return ordered;
}

/** One log per start; the one before is kept. */
function rotateLog(file: string): void {
  if (existsSync(file)) renameSync(file, `${file}.1`);
}
