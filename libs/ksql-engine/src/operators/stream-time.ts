/** Event time of one operator: the greatest timestamp it has seen. It never goes back. */
export class StreamTime {
  private greatest = -1;

  get ms(): number {
    return this.greatest;
  }

  advance(timestamp: number): void {
    if (timestamp > this.greatest) this.greatest = timestamp;
  }

  restore(ms: number): void {
    this.greatest = ms;
  }
}
