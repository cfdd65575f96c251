import { type SystemHealth, systemHealths } from '@isobar/contracts';
import type { SystemState } from './events.js';
import { isSaidByOthers } from './one-cause.js';

/** Whether the start of a stack is over and its stop has not begun. */
export const isHealth = (state: SystemState): state is SystemHealth =>
  (systemHealths as readonly string[]).includes(state);

export interface HealthVerdict {
  readonly state: SystemHealth;
  /** What was seen, causes before what follows from them; empty when all is well. */
  readonly because: readonly string[];
}

/**
 * The one rule: what is promised and does not happen makes the system `not ready`, whatever works with less than it should `degraded`.
 */
export function systemHealth(troubles: readonly string[], shortcomings: readonly string[]): HealthVerdict {
  if (troubles.length > 0) {
    const told = troubles.filter((trouble) => !isSaidByOthers(trouble, troubles));
    return { state: 'not ready', because: [...told, ...shortcomings] };
  }
  return { state: shortcomings.length > 0 ? 'degraded' : 'ready', because: shortcomings };
}
