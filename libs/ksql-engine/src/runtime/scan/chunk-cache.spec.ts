import { describe, expect, it } from '@jest/globals';
import { FetchedRecords } from '../../ports/record-columns.js';
import { SeededRandom } from '../../testing/seeded-random.js';
import { ChunkCache, PartitionChunks, type Chunk } from './chunk-cache.js';

function chunk(start: number, nextOffset: number): Chunk {
  const record = { key: null, value: Buffer.alloc(20), timestamp: 1, headers: [], partition: 0 };
  const records = FetchedRecords.of(
    Array.from({ length: nextOffset - start }, (_, n) => ({ ...record, offset: start + n })),
  );
  const ends = { endOffset: nextOffset, highWatermark: nextOffset };
  return { start, part: { topic: 't', partition: 0, records, bytes: 20 * records.length, nextOffset, ...ends } };
}

/** How many of these offsets a chunk is found for. */
const foundOf = (chunks: PartitionChunks, offsets: number): number =>
  Array.from({ length: offsets }, (_, offset) => chunks.find(offset)).filter((each) => each !== undefined).length;

describe('the chunks that are kept', () => {
  it('are as few as fit with all that they take, where each holds one small record', () => {
    const cache = new ChunkCache(1_000_000);
    const chunks = new PartitionChunks(cache);
    // Their bytes alone would be 200,000.
    for (let n = 0; n < 10_000; n++) chunks.add(chunk(n, n + 1));
    expect(cache.bytes).toBeLessThanOrEqual(1_000_000);
    const kept = foundOf(chunks, 10_000);
    expect(kept).toBeGreaterThan(500);
    expect(kept).toBeLessThan(1_000);
    expect(chunks.find(9_999)).toBeDefined();
  });

  it('are found for each offset that one of them covers, none of them within another, whatever comes and goes', () => {
    const wrong: string[] = [];
    for (let seed = 1; seed <= 50; seed++) {
      const random = new SeededRandom(seed);
      const cache = new ChunkCache(1e9);
      const chunks = new PartitionChunks(cache);
      let all: Chunk[] = [];
      for (let n = 0; n < 60; n++) {
        if (all.length > 0 && random.next() < 0.3) {
          const gone = random.pick(all);
          chunks.remove(gone);
          all = all.filter((each) => each !== gone);
        } else {
          const start = random.below(100);
          const added = chunk(start, start + 1 + random.below(20));
          chunks.add(added);
          const isWithin = (inner: Chunk, outer: Chunk): boolean =>
            inner.start >= outer.start && inner.part.nextOffset <= outer.part.nextOffset;
          if (!all.some((each) => isWithin(added, each)))
            all = [...all.filter((each) => !isWithin(each, added)), added];
        }
        for (let offset = 0; offset < 120; offset++) {
          const covering = all.filter(({ start, part }) => start <= offset && part.nextOffset > offset);
          const found = chunks.find(offset);
          if (found === undefined ? covering.length > 0 : !covering.includes(found)) wrong.push(`${seed}: ${offset}`);
        }
      }
      chunks.clear();
      expect(cache.bytes).toBe(0);
    }
    expect(wrong).toEqual([]);
  });
});
