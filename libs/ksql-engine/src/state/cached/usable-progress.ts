import type { StateProgress } from '../state-backend.js';

/** A store's changelog as the broker has it now. */
interface ChangelogFacts {
  readonly topicId: string | undefined;
  /** The first offset that exists. */
  readonly start: number;
  /** The offset after the last committed record. */
  readonly end: number;
}

/** How long Kafka keeps tombstones at least (`delete.retention.ms`), with an hour for clocks that differ. */
const TOMBSTONES_KEPT_MS = 23 * 3_600_000;

/**
 * Why stored state cannot be brought up to date by the rest of its changelogs; undefined when it can.
 *
 * Between the stored offset and the end every change must still be there. Changes of keys that changed again may be compacted away, but a
 * tombstone must not be missed: it is kept for a day, so state that is older is of use only when nothing has changed since.
 */
export function reasonToDiscard(
  progress: StateProgress,
  changelogs: ReadonlyMap<string, ChangelogFacts>,
  nowMs: number,
): string | undefined {
  for (const [store, { topicId, start, end }] of changelogs) {
    const known = progress.stores[store];
    if (known === undefined) return `it does not have the store ${store}`;
    if (known.topicId !== undefined && topicId !== undefined && known.topicId !== topicId)
      return `the changelog of ${store} was deleted and made again`;
    if (known.offset > end)
      return `it is ahead of the changelog of ${store}: at offset ${known.offset}, which ends at ${end}`;
    if (known.offset < start)
      return `the changelog of ${store} begins at offset ${start}, behind the ${known.offset} that it is at`;
    if (known.offset < end && nowMs - progress.writtenAtMs > TOMBSTONES_KEPT_MS)
      return `it is older than the deletions in the changelog of ${store} are kept`;
  }
  return undefined;
}
