import type { KnownGaps } from '../known-gaps.js';

/**
 * Cases that this engine knowingly answers otherwise, `file - name` to the reason. A gap that closes, or a name that no case of
 * its file bears, makes the run fail.
 */
export const knownGaps: KnownGaps = new Map<string, string>([]);
