import { timers } from '../ports/scheduler.js';

/**
 * How long something may run without letting the rest of the process have its turn, ms: REST, heartbeats and timers live through a
 * catch-up.
 */
const TURN_MS = 8;

const waiting: (() => void)[] = [];

function letOneGo(): void {
  waiting.shift()?.();
  if (waiting.length > 0) timers.soon(letOneGo);
}

/**
 * Waits for a turn of the event loop that nobody else of this process has. With an immediate each, twenty queries would all run before the
 * loop looks at a socket again.
 */
export function nextTurn(): Promise<void> {
  return new Promise((resolve) => {
    waiting.push(resolve);
    if (waiting.length === 1) timers.soon(letOneGo);
  });
}

/** Work in turns: asks for the next one when the present one has lasted long enough. */
export class Turn {
  #startedMs = performance.now();

  get isOver(): boolean {
    return performance.now() - this.#startedMs >= TURN_MS;
  }

  async next(): Promise<void> {
    await nextTurn();
    this.#startedMs = performance.now();
  }
}

/** More rows than these are not made in one go: they are what memory and the event loop hold at once, beside those of one record. */
const ROWS_AT_ONCE_MAX = 8_192;

/** How many records may be pushed at once when each may become so many rows. */
export const recordsAtOnce = (rowsOfRecordMax: number): number =>
  Math.max(1, Math.floor(ROWS_AT_ONCE_MAX / rowsOfRecordMax));

/** So many records are worth a push of their own; more at once only make turns longer. */
const SLICE_MAX = 2_000;
/** So that dear records behind many cheap ones hold the loop for some of them only. */
const LAMBDA_SLICE_MAX = 16;
/** What a record takes is not known before one was taken. */
const SLICE_FIRST = 1;

/**
 * How many records are pushed at once: as many as fill a turn, judged by those before. A record whose expressions take a tenth of a
 * second is pushed alone, so that REST, a TERMINATE and other queries come between it and the next one.
 */
export class SliceSize {
  #size = SLICE_FIRST;
  readonly #max: number;

  constructor(hasLambda: boolean) {
    this.#max = hasLambda ? LAMBDA_SLICE_MAX : SLICE_MAX;
  }

  get value(): number {
    return this.#size;
  }

  /** Told what the last slice took. */
  took(records: number, elapsedMs: number): void {
    const fitting = Math.floor((records * TURN_MS) / Math.max(elapsedMs, 0.001));
    this.#size = Math.max(1, Math.min(fitting, this.#size * 2, this.#max));
  }
}
