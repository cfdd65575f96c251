import { statSync } from 'node:fs';
import { StallLimit } from '../crowding.js';
import { lastLines } from './diagnose.js';
import type { Stack } from './stack.js';
import { StepFailure } from './step-failure.js';

const lookMs = 1000;

export interface StartLimits {
  /** How long nothing at all may move, on a machine of one's own. */
  readonly stillMs: number;
  /** How long no step may get to another state, whatever is tried meanwhile. */
  readonly stuckMs: number;
}

export const defaultStartLimits: StartLimits = { stillMs: 180_000, stuckMs: 300_000 };

/**
 * Starts the stack. A slow machine gets all the time it needs as long as something gets on.
 * @param timeoutMs what the user gives the whole start instead
 * @throws StepFailure naming the step that the others wait for
 */
export async function startWithin(
  stack: Stack,
  timeoutMs: number | undefined,
  { stillMs, stuckMs }: StartLimits = defaultStartLimits,
): Promise<void> {
  const startedAtMs = performance.now();
  const movement = new Movement(new StallLimit(stillMs), () => `${detailsOf(stack)} ${bytesOfLogs(stack)}`);
  const advance = new Movement(new StallLimit(stuckMs), () => statesOf(stack));
  let timer: NodeJS.Timeout | undefined;
  const tooSlow = new Promise<never>((_, reject) => {
    timer = setInterval(() => {
      const over = [movement, advance].find((each) => each.isOver());
      if (timeoutMs === undefined && over !== undefined)
        reject(failureOf(stack, `nothing has got on for ${(over.stalledMs / 1000).toFixed(0)} s`, ''));
      if (timeoutMs !== undefined && performance.now() - startedAtMs > timeoutMs)
        reject(
          failureOf(
            stack,
            `not ready after ${timeoutMs / 1000} s`,
            '; a slow machine may need more time: leave out --wait-timeout',
          ),
        );
    }, lookMs);
  });
  try {
    await Promise.race([stack.start(), tooSlow]);
  } finally {
    clearInterval(timer);
  }
}

const openSteps = (stack: Stack) =>
  Object.entries(stack.states()).filter(([, { state }]) => state === 'starting' || state === 'slow');

const bytesOfLogs = (stack: Stack): number =>
  openSteps(stack).reduce(
    (sum, [, { logFile }]) =>
      sum + (logFile === undefined ? 0 : (statSync(logFile, { throwIfNoEntry: false })?.size ?? 0)),
    0,
  );

const statesOf = (stack: Stack): string =>
  Object.values(stack.states())
    .map(({ state }) => state)
    .join();

const detailsOf = (stack: Stack): string =>
  Object.values(stack.states())
    .map(({ state, detail }) => `${state} ${detail}`)
    .join();

/** Whether something that is looked at from time to time changes. */
class Movement {
  #seen = '';

  constructor(
    private readonly limit: StallLimit,
    private readonly look: () => string,
  ) {}

  isOver(): boolean {
    const seen = this.look();
    if (seen !== this.#seen) this.limit.progressed();
    this.#seen = seen;
    return this.limit.isOver;
  }

  get stalledMs(): number {
    return this.limit.stalledMs;
  }
}

/** Names the step that the others wait for: the first that has started and is not settled. */
function failureOf(stack: Stack, what: string, advice: string): StepFailure {
  const [name, part] = openSteps(stack)[0] ?? ['stack', undefined];
  return new StepFailure(name, what, {
    why: part?.detail ?? 'no step was under way',
    fix: `see npx isobar logs ${name}${advice}`,
    ...(part?.logFile === undefined ? {} : { logFile: part.logFile, lastLogLines: lastLines(part.logFile, 10) }),
  });
}
