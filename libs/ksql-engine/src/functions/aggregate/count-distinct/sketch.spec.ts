import { describe, expect, it } from '@jest/globals';
import { hash64 } from './hash-64.js';
import { addHash, EMPTY_SKETCH, estimateCount, mergeSketches } from './sketch.js';

const sketchOf = (from: number, to: number): Uint8Array => {
  let sketch: Uint8Array = EMPTY_SKETCH;
  for (let i = from; i < to; i++) sketch = addHash(sketch, hash64(`value ${i}`));
  return sketch;
};

describe('sketch of distinct values', () => {
  it('is exact up to 1024 values', () => {
    expect(estimateCount(sketchOf(0, 1024))).toBe(1024);
  });

  it('does not grow with repeated values', () => {
    const sketch = sketchOf(0, 100);
    expect(addHash(sketch, hash64('value 7'))).toBe(sketch);
  });

  it.each([2_000, 10_000, 50_000])('estimates %d values within 4 %%', (count) => {
    const estimate = estimateCount(sketchOf(0, count));
    expect(Math.abs(estimate - count) / count).toBeLessThan(0.04);
  });

  it.each([
    [0, 600, 400, 1000],
    [0, 5_000, 4_000, 4_500],
    [0, 500, 400, 6_000],
    [0, 3_000, 2_000, 6_000],
  ])('merges %d–%d with %d–%d to what one sketch of all says', (fromA, toA, fromB, toB) => {
    const merged = mergeSketches(sketchOf(fromA, toA), sketchOf(fromB, toB));
    expect(estimateCount(merged)).toBe(estimateCount(sketchOf(0, Math.max(toA, toB))));
  });
});
