/** What a cache keeps may be given up, as far as it is stored elsewhere. */
export interface Cache {
  /** Begins a new generation and gives up the one before the last. */
  rotate(): void;
}

/**
 * The memory that the caches of many stores share, in bytes of heap as they estimate them.
 *
 * Two generations: what is used is in the young one; when the young ones of all caches together fill half of the bound, they become the
 * old ones, and what nobody has used since the last time is given up. That costs a Map lookup per use and no list to keep in order.
 */
export class CacheBudget {
  readonly #caches = new Set<Cache>();
  #young = 0;
  #old = 0;
  /** What is pinned: it went through a rotation, and brings no other about. */
  #carried = 0;

  constructor(readonly bytesMax: number) {}

  get bytes(): number {
    return this.#young + this.#old + this.#carried;
  }

  join(cache: Cache): void {
    this.#caches.add(cache);
  }

  leave(cache: Cache): void {
    this.#caches.delete(cache);
  }

  /** Bytes that came into a young generation. Nothing is given up by this: who has just put something there is about to change it. */
  add(bytes: number): void {
    this.#young += bytes;
  }

  get isRotationDue(): boolean {
    return this.#young * 2 > this.bytesMax;
  }

  rotate(): void {
    this.#old = this.#young;
    this.#young = 0;
    this.#carried = 0;
    for (const cache of this.#caches) cache.rotate();
  }

  /** Bytes that a rotation carried over. */
  carry(bytes: number): void {
    this.#carried += bytes;
  }
}
