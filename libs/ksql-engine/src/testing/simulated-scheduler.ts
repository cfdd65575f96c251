import type { Clock, Random } from '../ports/ports.js';
import type { Scheduler } from '../ports/scheduler.js';

interface Due {
  readonly atMs: number;
  /** Decides between things that are due at once, so that a seed tries another order of them. */
  readonly tie: number;
  readonly action: () => void;
}

/**
 * Time that is made: nothing happens but what was scheduled here, one thing after another, and the clock jumps from each to the next. Two
 * runs with equal seeds do the same in the same order, as long as nobody waits for anything else (a timer, a socket, a file).
 */
export class SimulatedScheduler implements Clock, Scheduler {
  readonly #queue: Due[] = [];
  #nowMs: number;

  constructor(
    private readonly random: Random,
    startMs = 0,
  ) {
    this.#nowMs = startMs;
  }

  /** In whole ms, as clocks have it. */
  nowMs(): number {
    return Math.floor(this.#nowMs);
  }

  after(ms: number, action: () => void): () => void {
    const due: Due = { atMs: this.#nowMs + Math.max(0, ms), tie: this.random.next(), action };
    let low = 0;
    for (let high = this.#queue.length; low < high;) {
      const middle = (low + high) >> 1;
      if (isBefore(this.#queue[middle] as Due, due)) low = middle + 1;
      else high = middle;
    }
    this.#queue.splice(low, 0, due);
    return () => {
      const at = this.#queue.indexOf(due);
      if (at >= 0) this.#queue.splice(at, 1);
    };
  }

  /** Lets time pass until the work is done. */
  async run<T>(work: Promise<T>): Promise<T> {
    let isDone = false;
    const done = (): void => {
      isDone = true;
    };
    work.then(done, done);
    for (await rest(); !isDone; await rest()) {
      const next = this.#queue.shift();
      if (next === undefined) throw new Error('the work waits for something that nothing left to happen brings');
      this.#nowMs = next.atMs;
      next.action();
    }
    return work;
  }

  /** Lets so much time pass, and all that is due in it happen. */
  async pass(ms: number): Promise<void> {
    await this.run(
      new Promise<void>((resolve) => {
        this.after(ms, resolve);
      }),
    );
  }
}

const isBefore = (a: Due, b: Due): boolean => a.atMs < b.atMs || (a.atMs === b.atMs && a.tie < b.tie);

/** Until nothing goes on by itself any more: all promises that can be settled are. */
const rest = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
