/** Brokers that work side by side: the steps of a run mostly wait. */
const LANES = 2;

export interface Lane {
  close(): Promise<void>;
}

/** Shares out the work among lanes: whoever is free takes the next. @returns the results in the order of the items */
export async function inLanes<I, L extends Lane, R>(
  items: readonly I[],
  openLane: () => Promise<L>,
  work: (item: I, lane: L) => Promise<R>,
): Promise<readonly R[]> {
  const results: R[] = [];
  const rest = items.entries();
  await Promise.all(
    Array.from({ length: Math.min(LANES, items.length) }, async () => {
      const lane = await openLane();
      try {
        for (const [index, item] of rest) results[index] = await work(item, lane);
      } finally {
        await lane.close();
      }
    }),
  );
  return results;
}
