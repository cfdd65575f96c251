import { StreamTime } from '../operators/stream-time.js';

/** The stream times of a query's operators, by the name of their node; their snapshot is JSON. */
export class StreamTimes {
  private readonly byName = new Map<string, StreamTime>();

  add(name: string): StreamTime {
    const time = new StreamTime();
    this.byName.set(name, time);
    return time;
  }

  get count(): number {
    return this.byName.size;
  }

  snapshot(): string {
    return JSON.stringify(Object.fromEntries([...this.byName].map(([name, time]) => [name, time.ms])));
  }

  /** Names that the snapshot does not have keep their time. @throws SyntaxError when the text is no JSON */
  restore(text: string): void {
    const times: unknown = JSON.parse(text);
    if (typeof times !== 'object' || times === null) return;
    for (const [name, ms] of Object.entries(times) as [string, unknown][]) {
      if (typeof ms === 'number') this.byName.get(name)?.restore(ms);
    }
  }
}
