import type { Logger } from 'pino';

const linesMax = 10;
const windowMs = 10_000;

/** What tells one kind of line from another; it is written with each, and with the number of those left out. */
export type LineKind = Readonly<Record<string, string>>;

/**
 * Warnings of what may come with every record: the first ten lines of each kind in ten seconds, then their number. Garbage by the million
 * must cost neither the time to write lines nor a full disk.
 */
export class SampledLog {
  readonly #seen = new Map<string, { readonly kind: LineKind; count: number }>();
  readonly #timer: NodeJS.Timeout;

  constructor(private readonly log: Logger) {
    this.#timer = setInterval(() => this.#tellLeftOut(), windowMs).unref();
  }

  /** @param facts what only this line has; called for lines that are written */
  warn(kind: LineKind, message: string, facts: () => object): void {
    const key = Object.values(kind).join(' ');
    let seen = this.#seen.get(key);
    if (!seen) this.#seen.set(key, (seen = { kind, count: 0 }));
    if (++seen.count <= linesMax) this.log.warn({ ...kind, ...facts() }, message);
  }

  /** Tells what was left out, and no more after that. */
  close(): void {
    clearInterval(this.#timer);
    this.#tellLeftOut();
  }

  #tellLeftOut(): void {
    for (const { kind, count } of this.#seen.values()) {
      const leftOut = count - linesMax;
      if (leftOut > 0) this.log.warn({ ...kind, leftOut }, `${leftOut} more lines like these were left out`);
    }
    this.#seen.clear();
  }
}
