/** A value that changes with every record, and what it was at the commits that a batch is true of. */
export class Versions<T> {
  #taken: T;
  #committed: T;

  constructor(initial: T) {
    this.#taken = initial;
    this.#committed = initial;
  }

  get committedValue(): T {
    return this.#committed;
  }

  take(value: T): void {
    this.#taken = value;
  }

  committed(): void {
    this.#committed = this.#taken;
  }

  /** Of what is true already. */
  restore(value: T): void {
    this.#taken = value;
    this.#committed = value;
  }
}
