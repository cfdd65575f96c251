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
  wrongUsage: 64,
  /** The stack or a service cannot be reached. */
  unreachable: 69,
  /** It did not come about in time; the work goes on. */
  timedOut: 75,
  interrupted: 130,
} as const;
