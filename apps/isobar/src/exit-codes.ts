/** What the shell learns from `isobar`. */
export const exitCodes = {
  success: 0,
  failed: 1,
  /** A decision or confirmation is needed. */
  blocked: 4,
  wrongUsage: 64,
  /** The stack or a service cannot be reached. */
  unreachable: 69,
  interrupted: 130,
} as const;
