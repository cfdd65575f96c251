import { PartWatch, type ReadinessPart } from './part-watch.js';

/** Slices register what they need; the health endpoints report it by name. */
export class Readiness {
  private readonly parts = new Map<string, PartWatch>();
  private isStopping = false;

  register(part: ReadinessPart): void {
    if (this.parts.has(part.name)) throw new Error(`The readiness part "${part.name}" is registered twice.`);
    this.parts.set(part.name, new PartWatch(part));
  }

  /** From here on the service reports itself as not ready, so that no new work is sent to it. */
  stopping(): void {
    this.isStopping = true;
    for (const watch of this.parts.values()) watch.stop();
  }

  /** What a health check has to look at now. */
  get watches(): readonly PartWatch[] {
    return this.isStopping ? [...this.parts.values(), stopped] : [...this.parts.values()];
  }
}

const stopped = new PartWatch({
  name: 'service',
  check: () => {
    throw new Error('the service is stopping');
  },
});
stopped.stop();
