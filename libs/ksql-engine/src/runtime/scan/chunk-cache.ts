import type { FetchedPartition } from '../../ports/broker.js';

/** What one fetch brought of a partition: all that is committed from `start` up to its `nextOffset`. */
export interface Chunk {
  readonly start: number;
  readonly part: FetchedPartition;
}

/** What a chunk and each of its records take besides their bytes, about: a topic to which little comes has many small ones. */
const CHUNK_OWN_BYTES = 1_024;
const RECORD_OWN_BYTES = 80;

const bytesOf = ({ part: { bytes, records } }: Chunk): number =>
  bytes + CHUNK_OWN_BYTES + RECORD_OWN_BYTES * records.length;

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
    this.#bytes += bytesOf(chunk);
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
    if (this.#recent.delete(chunk)) this.#bytes -= bytesOf(chunk);
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
    let at = this.#after(start);
    const known = this.#chunks[at - 1];
    if (known !== undefined && known.part.nextOffset >= part.nextOffset) return;
    if (known?.start === start) at--;
    let behind = at;
    while ((this.#chunks[behind]?.part.nextOffset ?? Infinity) <= part.nextOffset) behind++;
    for (const within of this.#chunks.splice(at, behind - at, chunk)) this.cache.remove(within);
    this.cache.add(this, chunk);
  }

  remove(chunk: Chunk): void {
    const at = this.#after(chunk.start) - 1;
    if (this.#chunks[at] === chunk) this.#chunks.splice(at, 1);
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
