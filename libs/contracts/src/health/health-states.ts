/**
 * One vocabulary for terminal, REST, page and metrics. Every state that is shown carries `because`: what was seen, in words, so that a
 * green word can be checked and a red one acted upon.
 */

/**
 * What a whole system or service promises happens (`ready`), happens with less than it should (`degraded`: an optional part is away,
 * nothing promised is missing), or does not happen (`not ready`).
 */
export const systemHealths = ['ready', 'degraded', 'not ready'] as const;
export type SystemHealth = (typeof systemHealths)[number];

/**
 * A query by its progress, not by its status word: `failed` ERROR or new errors; `stalled` input advances, its offsets do not;
 * `idle` its input is quiet; `orphan` listed and unknown to EXPLAIN.
 */
export const queryHealths = [
  'running',
  'catching-up',
  'idle',
  'falling-behind',
  'stalled',
  'failed',
  'paused',
  'unreachable',
  'orphan',
] as const;
export type QueryHealth = (typeof queryHealths)[number];

/** With these a query does not do what it promises. */
export const unwellQueryHealths: readonly QueryHealth[] = ['failed', 'stalled', 'paused', 'unreachable', 'orphan'];

/** What runs against what the file says. */
export const versionStates = [
  'up-to-date',
  'pending',
  'deploying',
  'changed',
  'drifted',
  'unmanaged',
  'missing',
] as const;
export type VersionState = (typeof versionStates)[number];
