import type { Row } from '../../types/sql-value.js';

export interface SessionEnd {
  readonly key: string;
  readonly keyRow: Row;
  readonly windowStart: number;
  readonly windowEnd: number;
}

/** Sessions by their end, smallest first: a binary heap. An entry may be stale; whoever takes it looks into the store. */
export class SessionEnds {
  private readonly heap: SessionEnd[] = [];

  add(session: SessionEnd): void {
    const heap = this.heap;
    let at = heap.push(session) - 1;
    while (at > 0) {
      const parent = (at - 1) >> 1;
      if ((heap[parent] as SessionEnd).windowEnd <= session.windowEnd) break;
      heap[at] = heap[parent] as SessionEnd;
      at = parent;
    }
    heap[at] = session;
  }

  /** Takes the session that ends first, if it ends before the limit. */
  takeBefore(limitMs: number): SessionEnd | undefined {
    const heap = this.heap;
    const first = heap[0];
    if (first === undefined || first.windowEnd >= limitMs) return undefined;
    const last = heap.pop() as SessionEnd;
    if (heap.length > 0) this.sink(last);
    return first;
  }

  private sink(session: SessionEnd): void {
    const heap = this.heap;
    let at = 0;
    for (;;) {
      let child = 2 * at + 1;
      if (child >= heap.length) break;
      if (
        child + 1 < heap.length &&
        (heap[child + 1] as SessionEnd).windowEnd < (heap[child] as SessionEnd).windowEnd
      ) {
        child++;
      }
      if ((heap[child] as SessionEnd).windowEnd >= session.windowEnd) break;
      heap[at] = heap[child] as SessionEnd;
      at = child;
    }
    heap[at] = session;
  }
}
