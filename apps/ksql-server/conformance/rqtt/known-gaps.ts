/**
 * Cases that this server knowingly answers otherwise, `file - name` to the reason. A gap that closes, or a name that no case of its
 * file bears, makes the run fail.
 */
export const knownGaps: ReadonlyMap<string, string> = new Map<string, string>([]);
