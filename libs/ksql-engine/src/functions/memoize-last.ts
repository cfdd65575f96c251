/**
 * Remembers the last argument and its result. Patterns, formats and paths are nearly always literals, but arrive as
 * arguments with each row.
 */
export function memoizeLast<R>(compute: (argument: string) => R): (argument: string) => R {
  let lastArgument: string | undefined;
  let lastResult: R | undefined;
  return (argument) => {
    if (argument !== lastArgument) {
      lastResult = compute(argument);
      lastArgument = argument;
    }
    return lastResult as R;
  };
}
