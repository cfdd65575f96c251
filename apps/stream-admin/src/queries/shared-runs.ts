/**
 * Work that costs the same for one as for many: it runs once at a time, and who asks while it does shares the one run behind it. So an
 * answer is never older than its question, and any number of questions costs two runs.
 */
export class SharedRuns<T> {
  #current: Promise<unknown> = Promise.resolve();
  #next: Promise<T> | undefined;

  constructor(private readonly work: () => Promise<T>) {}

  /** @throws what the work throws; the next run begins anyhow */
  run(): Promise<T> {
    this.#next ??= this.#current
      .catch(() => undefined)
      .then(() => {
        this.#next = undefined;
        const run = this.work();
        this.#current = run;
        return run;
      });
    return this.#next;
  }
}
