import type { FunctionContext } from './function.js';

/** What it takes to make a pattern ready: tens of microseconds, as that many short calls. */
const PATTERN_STEPS = 50;

/**
 * Remembers the last argument and its result. Patterns, formats and paths are nearly always literals, but arrive as
 * arguments with each row.
 */
export function memoizeLast<R>(context: FunctionContext, compute: (argument: string) => R): (argument: string) => R {
  let lastArgument: string | undefined;
  let lastResult: R | undefined;
  return (argument) => {
    if (argument !== lastArgument) {
      context.spend?.(PATTERN_STEPS);
      lastResult = compute(argument);
      lastArgument = argument;
    }
    return lastResult as R;
  };
}
