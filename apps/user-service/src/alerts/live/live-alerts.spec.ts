import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { Response } from 'express';
import { EventEmitter } from 'node:events';
import { setImmediate as turn } from 'node:timers/promises';
import type { Alerts } from '../alerts.js';
import { LiveAlerts } from './live-alerts.js';

/** A connection whose other side takes nothing until it is told to. */
class SlowReader extends EventEmitter {
  readonly written: string[] = [];
  destroyed = false;
  writableNeedDrain = false;

  writeHead(): this {
    return this;
  }

  write(text: string): boolean {
    this.written.push(text);
    this.writableNeedDrain = true;
    return false;
  }

  end(): void {
    this.leave();
  }

  take(): void {
    this.writableNeedDrain = false;
    this.emit('drain');
  }

  leave(): void {
    this.destroyed = true;
    this.emit('close');
  }

  get asResponse(): Response {
    return this as unknown as Response;
  }
}

describe('feeds of alerts', () => {
  let live: LiveAlerts;
  let looks = 0;
  let wait: Promise<void>;

  beforeEach(() => {
    looks = 0;
    wait = Promise.resolve();
    const alerts = {
      list: async () => {
        looks += 1;
        await wait;
        return { items: [], nextCursor: null };
      },
    } as unknown as Alerts;
    const open = new Set<Response>();
    const admitFeed = (response: Response): boolean => {
      if (open.size >= 1_000) return false;
      response.on('close', () => open.delete(response));
      return open.add(response).has(response);
    };
    live = new LiveAlerts(alerts, { admitFeed });
  });
  afterEach(() => live.close());

  it('keep one event for a reader that takes nothing, however much changes', async () => {
    const reader = new SlowReader();
    await live.subscribe(1, reader.asResponse);
    for (let change = 0; change < 100; change += 1) {
      live.tell(1);
      await turn();
    }
    expect(reader.written.length).toBeLessThanOrEqual(2);
    const before = reader.written.length;
    reader.take();
    await turn();
    await turn();
    expect(reader.written.length).toBe(before + 1);
    expect(reader.listenerCount('drain')).toBeLessThanOrEqual(1);
  });

  it('have no place taken by who leaves while the first event is made', async () => {
    let go = (): void => undefined;
    wait = new Promise((resolve) => (go = resolve));
    const readers = Array.from({ length: 1_000 }, () => new SlowReader());
    const subscribed = readers.map((reader) => live.subscribe(1, reader.asResponse));
    for (const reader of readers) reader.leave();
    go();
    await Promise.all(subscribed);
    expect(readers.flatMap(({ written }) => written)).toEqual([]);
    const one = new SlowReader();
    await live.subscribe(1, one.asResponse);
    expect(one.written).toHaveLength(1);
  });

  it('are counted when they are asked for, not when the first event is made', async () => {
    let go = (): void => undefined;
    wait = new Promise((resolve) => (go = resolve));
    const readers = Array.from({ length: 1_001 }, () => new SlowReader());
    const subscribed = readers.map((reader) => live.subscribe(1, reader.asResponse));
    go();
    await Promise.all(subscribed);
    expect(readers.filter(({ written }) => written.length === 0)).toHaveLength(1);
  });

  it('tell of what changed while the first event was made', async () => {
    let go = (): void => undefined;
    wait = new Promise((resolve) => (go = resolve));
    const reader = new SlowReader();
    const subscribed = live.subscribe(1, reader.asResponse);
    live.tell(1);
    go();
    await turn();
    reader.take();
    await turn();
    reader.take();
    await subscribed;
    expect(reader.written).toHaveLength(2);
    expect(looks).toBe(4);
  });
});
