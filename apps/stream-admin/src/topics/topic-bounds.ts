/** Where each partition of a topic begins and ends. */
export type TopicBounds = ReadonlyMap<number, { readonly low: bigint; readonly high: bigint }>;

export const areSame = (before: TopicBounds, now: TopicBounds): boolean =>
  before.size === now.size &&
  [...before].every(([partition, { low, high }]) => {
    const its = now.get(partition);
    return its?.low === low && its.high === high;
  });

/** Last offset less first, over all partitions; compaction and transactions leave fewer. */
export const recordsIn = (bounds: TopicBounds): number =>
  [...bounds.values()].reduce((sum, { low, high }) => sum + Number(high - low), 0);

/** An end that lies before an earlier one belongs to another topic of the same name. */
export const isAnother = (before: TopicBounds, now: TopicBounds): boolean =>
  [...before].some(([partition, { high }]) => (now.get(partition)?.high ?? 0n) < high);

/** Offsets from which on everything must still be there, by partition. */
export type KeptFrom = ReadonlyMap<number, bigint>;

export const keptFrom = (bounds: TopicBounds): KeptFrom =>
  new Map([...bounds].map(([partition, { low }]) => [partition, low]));

/** How many of those records are no longer there. */
export const recordsCut = (kept: KeptFrom, now: TopicBounds): number =>
  [...kept].reduce((sum, [partition, from]) => {
    const low = now.get(partition)?.low ?? from;
    return low > from ? sum + Number(low - from) : sum;
  }, 0);
