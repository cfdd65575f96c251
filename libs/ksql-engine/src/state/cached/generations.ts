import type { CacheBudget } from './cache-budget.js';

/** What comes into a cache and leaves it as a whole. */
export interface CacheUnit {
  /** Of heap, about. */
  readonly bytes: number;
  /** It holds what is stored nowhere else yet. */
  readonly isPinned: boolean;
}

/** A cache of units by text, in two generations (`cache-budget.ts`). */
export class Generations<U extends CacheUnit> {
  /** Everything that is stored is here, too: what is not found does not exist. */
  isComplete: boolean;
  #young = new Map<string, U>();
  #old = new Map<string, U>();

  constructor(
    private readonly budget: CacheBudget,
    isComplete: boolean,
  ) {
    this.isComplete = isComplete;
  }

  /** What is found stays in the cache until the next but one `get` of any cache at least. */
  get(key: string): U | undefined {
    if (this.budget.isRotationDue) this.budget.rotate();
    const unit = this.#young.get(key);
    if (unit !== undefined) return unit;
    const old = this.#old.get(key);
    if (old !== undefined) this.set(key, old);
    return old;
  }

  /** Without use. */
  peek(key: string): U | undefined {
    return this.#young.get(key) ?? this.#old.get(key);
  }

  set(key: string, unit: U): void {
    this.#young.set(key, unit);
    this.budget.add(unit.bytes);
  }

  rotate(): void {
    const given = this.#old;
    this.#old = this.#young;
    this.#young = new Map();
    for (const [key, unit] of given) {
      if (this.#old.has(key)) continue;
      if (unit.isPinned) {
        this.#young.set(key, unit);
        this.budget.carry(unit.bytes);
      } else this.isComplete = false;
    }
  }

  *units(): IterableIterator<U> {
    yield* this.#young.values();
    for (const [key, unit] of this.#old) if (!this.#young.has(key)) yield unit;
  }
}
