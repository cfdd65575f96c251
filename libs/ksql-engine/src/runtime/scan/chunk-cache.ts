import type { FetchedPartition } from '../../ports/broker.js';

/** What one fetch brought of a partition: all that is committed from `start` up to its `nextOffset`. */
export interface Chunk {
  readonly start: number;
  readonly part: FetchedPartition;
}

/** The chunks of all partitions that are kept, as many as fit: those that were used longest ago go first. */
export class ChunkCache {
  /** Least recently used first. */
  readonly #recent = new Map<Chunk, PartitionChunks>();
  #bytes = 0;

  constructor(private readonly bytesMax: number) {}

  get bytes(): number {
    return this.#bytes;
  }

  add(owner: PartitionChunks, chunk: Chunk): void {
    this.#recent.set(chunk, owner);
    this.#bytes += chunk.part.bytes;
    for (const [oldest, its] of this.#recent) {
      if (this.#bytes <= this.bytesMax) break;
      its.remove(oldest);
    }
  }

  used(owner: PartitionChunks, chunk: Chunk): void {
    this.#recent.delete(chunk);
    this.#recent.set(chunk, owner);
  }

  remove(chunk: Chunk): void {
    if (this.#recent.delete(chunk)) this.#bytes -= chunk.part.bytes;
  }
}

/** The chunks that are kept of one partition, in the order of their offsets. None lies within another, so that their ends are in order too. */
export class PartitionChunks {
  #chunks: Chunk[] = [];

  constructor(private readonly cache: ChunkCache) {}

  /** The chunk that an offset is in. */
  find(offset: number): Chunk | undefined {
    const chunk = this.#chunks[this.#after(offset) - 1];
    if (chunk === undefined || chunk.part.nextOffset <= offset) return undefined;
    this.cache.used(this, chunk);
    return chunk;
  }

  add(chunk: Chunk): void {
    const { start, part } = chunk;
    const known = this.#chunks[this.#after(start) - 1];
    if (known !== undefined && known.part.nextOffset >= part.nextOffset) return;
    for (const each of this.#chunks.filter((its) => its.start >= start && its.part.nextOffset <= part.nextOffset))
      this.remove(each);
    this.#chunks.splice(this.#after(start), 0, chunk);
    this.cache.add(this, chunk);
  }

  remove(chunk: Chunk): void {
    this.#chunks = this.#chunks.filter((each) => each !== chunk);
    this.cache.remove(chunk);
  }

  clear(): void {
    for (const chunk of this.#chunks) this.cache.remove(chunk);
    this.#chunks = [];
  }

  /** The number of the first chunk that begins behind an offset. */
  #after(offset: number): number {
    let low = 0;
    for (let high = this.#chunks.length; low < high;) {
      const middle = (low + high) >> 1;
      if ((this.#chunks[middle] as Chunk).start <= offset) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}
