/** What the shell learns from `isobar`. */
export const exitCodes = {
  success: 0,
  failed: 1,
  /** Asked with `--exit-code`: files differ from what runs. */
  pending: 2,
  /** Asked with `--exit-code`: what runs was changed outside, or is gone. */
  drifted: 3,
  /** A decision or confirmation is needed. */
  blocked: 4,
  /** Asked with `--exit-code`: a query does not do its work. */
  unwell: 5,
  /** A wrong option or argument; a name that nothing has. */
  wrongUsage: 64,
  /** The stack or a service cannot be reached. */
  unreachable: 69,
  /** It did not come about in time; the work goes on. */
  timedOut: 75,
  interrupted: 130,
} as const;

const byCode: Readonly<Record<string, number>> = {
  WRONG_ARGUMENT: exitCodes.wrongUsage,
  UNREACHABLE: exitCodes.unreachable,
  TIMED_OUT: exitCodes.timedOut,
};

/** @param error what a command threw; errors of ours say with a `code` which it is */
export function exitCodeOf(error: unknown): number {
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  return byCode[code] ?? exitCodes.failed;
}
