import type { FetchedPartition } from './broker.js';
import type { Scheduler } from './scheduler.js';

/**
 * How long a request waits that leaves partitions of its kind out. No other of its kind is sent meanwhile, and they may be wanted as soon
 * as another was answered.
 */
export const PARTIAL_WAIT_MS = 100;

type Request = () => Promise<readonly FetchedPartition[]>;

/**
 * The requests of a reader that are under way, at most one of a kind (to one node, say), and what they brought until a poll hands it out.
 * A poll ends with the first answer; the other requests go on, and so does the one whose wait was interrupted: what it brings, and how it
 * fails, comes with a later poll.
 */
export class OpenFetches<Kind> {
  readonly #underWay = new Set<Kind>();
  #answers: (readonly FetchedPartition[])[] = [];
  #failures: unknown[] = [];
  #endWait: (() => void) | undefined;

  constructor(private readonly scheduler: Scheduler) {}

  /** Sends those of the requests whose kind is not under way. Each of them answers within `maxWaitMs`, with or without records. */
  async poll(maxWaitMs: number, requests: ReadonlyMap<Kind, Request>): Promise<readonly FetchedPartition[]> {
    const wait = new Promise<void>((resolve) => {
      this.#endWait = resolve;
    });
    if (this.#answers.length === 0 && this.#failures.length === 0) {
      // Those from before may have been told to wait for longer; those that are sent now end the wait by themselves.
      const stopTimer = this.#send(requests) ? undefined : this.scheduler.after(maxWaitMs, () => this.interrupt());
      await wait;
      stopTimer?.();
    }
    const answers = this.#answers;
    if (answers.length === 0 && this.#failures.length > 0) throw this.#failures.shift();
    this.#answers = [];
    return answers.length === 1 ? (answers[0] as readonly FetchedPartition[]) : answers.flat();
  }

  /** A part of a request failed, whose other parts are about to be its answer: told by the poll behind the one that hands those out. */
  failed(error: unknown): void {
    this.#failures.push(error);
  }

  interrupt(): void {
    this.#endWait?.();
  }

  /** Says whether it sent any. */
  #send(requests: ReadonlyMap<Kind, Request>): boolean {
    let isAny = false;
    for (const [kind, request] of requests) {
      if (this.#underWay.has(kind)) continue;
      isAny = true;
      this.#underWay.add(kind);
      const settle = (): void => {
        this.#underWay.delete(kind);
        this.interrupt();
      };
      request().then(
        (answer) => {
          this.#answers.push(answer);
          settle();
        },
        (error: unknown) => {
          this.#failures.push(error);
          settle();
        },
      );
    }
    return isAny;
  }
}
