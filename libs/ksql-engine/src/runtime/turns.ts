/**
 * How long something may run without letting the rest of the process have its turn, ms: REST, heartbeats and timers live through a
 * catch-up.
 */
const TURN_MS = 8;

const waiting: (() => void)[] = [];

function letOneGo(): void {
  waiting.shift()?.();
  if (waiting.length > 0) setImmediate(letOneGo);
}

/**
 * Waits for a turn of the event loop that nobody else of this process has. With an immediate each, twenty queries would all run before the
 * loop looks at a socket again.
 */
export function nextTurn(): Promise<void> {
  return new Promise((resolve) => {
    waiting.push(resolve);
    if (waiting.length === 1) setImmediate(letOneGo);
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
