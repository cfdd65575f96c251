import { createHash } from 'node:crypto';
import type { RuleVersion } from './types.js';

/** The id of an episode: the same wherever and however often it is found, 32 hexadecimal digits. */
export function episodeIdOf(rule: RuleVersion, placeId: string, startMs: number, kind: 'on-time' | 'late'): string {
  // JSON keeps the parts apart, whatever they hold.
  const parts = JSON.stringify([rule.ruleId, rule.version, placeId, startMs, kind]);
  return createHash('sha256').update(parts).digest('hex').slice(0, 32);
}
