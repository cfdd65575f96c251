import type { Clock } from '../ports/ports.js';

/** Time stands still until it is told to move. */
export class ManualClock implements Clock {
  constructor(private time = 0) {}

  nowMs(): number {
    return this.time;
  }

  advance(ms: number): void {
    this.time += ms;
  }
}
