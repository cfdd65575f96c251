/**
 * What was compiled for a query, shared by the topologies of all its tasks: a query has its generated code once, and V8 optimises it once.
 * They are wired from the same plan in the same order, so the n-th thing that one of them compiles is the n-th of each. What is shared
 * remembers nothing from one call to the next; whatever it reports goes where the first topology reports to.
 */
export class QueryCode {
  readonly #compiled: unknown[] = [];
  #next = 0;

  /** Another topology is about to be wired. */
  begin(): void {
    this.#next = 0;
  }

  once<T>(compile: () => T): T {
    const at = this.#next++;
    if (at === this.#compiled.length) this.#compiled.push(compile());
    return this.#compiled[at] as T;
  }
}
