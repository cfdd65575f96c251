import type { Logger } from 'pino';

/** The order of a stop: no new work, finish and commit what was taken, flush what was made, then let go of connections. */
export const stopPhases = ['accepting', 'consumers', 'producers', 'connections'] as const;
export type StopPhase = (typeof stopPhases)[number];

interface StopStep {
  readonly phase: StopPhase;
  readonly name: string;
  readonly stop: () => Promise<void> | void;
}

/** Slices register how their part stops; the phases run one after another, the steps of a phase side by side. */
export class Shutdown {
  private readonly steps: StopStep[] = [];
  private running: Promise<boolean> | undefined;

  constructor(
    private readonly logger: Logger,
    private readonly stepTimeoutMs = 5_000,
  ) {}

  register(phase: StopPhase, name: string, stop: () => Promise<void> | void): void {
    this.steps.push({ phase, name, stop });
  }

  /** Runs all phases once; a second call waits for the first. Resolves to false when a step failed or hung. */
  run(): Promise<boolean> {
    this.running ??= this.runPhases();
    return this.running;
  }

  private async runPhases(): Promise<boolean> {
    let isClean = true;
    for (const phase of stopPhases) {
      const results = await Promise.all(
        this.steps.filter((step) => step.phase === phase).map((step) => this.runStep(step)),
      );
      isClean &&= results.every(Boolean);
    }
    return isClean;
  }

  private async runStep({ phase, name, stop }: StopStep): Promise<boolean> {
    let timer: NodeJS.Timeout | undefined;
    try {
      await Promise.race([
        Promise.resolve().then(stop),
        new Promise<never>((_, reject) => {
          timer = setTimeout(
            () => reject(new Error(`not stopped within ${this.stepTimeoutMs} ms`)),
            this.stepTimeoutMs,
          );
        }),
      ]);
      this.logger.debug({ phase, part: name }, 'stopped');
      return true;
    } catch (error) {
      this.logger.error({ phase, part: name, err: error }, 'could not stop in order');
      return false;
    } finally {
      clearTimeout(timer);
    }
  }
}
