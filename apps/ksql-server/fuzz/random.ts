/** A whole number from 0 to below `below`. */
export type Pick = (below: number) => number;

/** xorshift32: the same seed gives the same numbers for ever. */
export function randomFrom(seed: number): Pick {
  let state = Math.imul(seed, 0x9e3779b1) | 0 || 1;
  return (below) => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) % below;
  };
}

export function oneOf<T>(pick: Pick, items: readonly T[]): T {
  const item = items[pick(items.length)];
  if (item === undefined) throw new Error('there is nothing to choose from');
  return item;
}

export const randomBytes = (pick: Pick, length: number): Buffer => Buffer.from(Array.from({ length }, () => pick(256)));
