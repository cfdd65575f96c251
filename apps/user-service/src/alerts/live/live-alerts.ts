import type { Connections } from '@isobar/service-kit';
import type { Response } from 'express';
import type { AlertView } from '../alert-fields.js';
import type { Alerts } from '../alerts.js';

const beatMs = 15_000;
const endedShown = 10;

interface Listener {
  readonly userId: number;
  readonly response: Response;
  isSending: boolean;
  /** Something changed while the last event was being made. */
  isBehind: boolean;
}

/** Feeds of people's alerts. Each event is all there is to show, so that none that was missed is missing. */
export class LiveAlerts {
  private readonly listeners = new Set<Listener>();
  private readonly beat: NodeJS.Timeout;

  constructor(
    private readonly alerts: Alerts,
    private readonly connections: Pick<Connections, 'admitFeed'>,
  ) {
    this.beat = setInterval(() => {
      // Who has not taken what was sent hears of it by that.
      for (const { response } of this.listeners) if (!response.writableNeedDrain) response.write(': beat\n\n');
    }, beatMs);
    this.beat.unref();
  }

  /** @throws Problem 404, or 503 without a database; that too many listen is answered by `Connections` */
  async subscribe(userId: number, response: Response): Promise<void> {
    if (!this.connections.admitFeed(response)) return;
    const listener: Listener = { userId, response, isSending: true, isBehind: false };
    this.listeners.add(listener);
    response.on('close', () => this.listeners.delete(listener));
    try {
      const first = await this.eventOf(userId);
      // Who left meanwhile is told nothing.
      if (response.destroyed) this.listeners.delete(listener);
      if (!this.listeners.has(listener)) return;
      response.writeHead(200, {
        'Content-Type': 'text/event-stream',
        'Cache-Control': 'no-store',
        'X-Accel-Buffering': 'no',
      });
      response.write(first);
    } catch (error) {
      this.listeners.delete(listener);
      throw error;
    }
    listener.isSending = false;
    // What changed since the look.
    if (listener.isBehind) await this.send(listener);
  }

  /** @param userId undefined: anybody's may have changed */
  tell(userId: number | undefined): void {
    for (const listener of this.listeners)
      if (userId === undefined || listener.userId === userId) void this.send(listener);
  }

  close(): void {
    clearInterval(this.beat);
    for (const { response } of this.listeners) response.end();
    this.listeners.clear();
  }

  private async send(listener: Listener): Promise<void> {
    listener.isBehind = true;
    if (listener.isSending) return;
    listener.isSending = true;
    try {
      while (listener.isBehind && this.listeners.has(listener)) {
        listener.isBehind = false;
        const event = await this.eventOf(listener.userId);
        // One event at a time waits for a reader that is slow; what changes meanwhile is in the next.
        if (!listener.response.write(event)) await isDrained(listener.response);
      }
    } catch {
      // The person is gone or the database away: the client comes again and is told.
      listener.response.end();
    } finally {
      listener.isSending = false;
    }
  }

  private async eventOf(userId: number): Promise<string> {
    const open = await this.alerts.list(userId, { state: 'open', limit: 100 });
    const ended = await this.alerts.list(userId, { state: 'ended', limit: endedShown });
    const data: { now: string; open: AlertView[]; ended: AlertView[] } = {
      now: new Date().toISOString(),
      open: open.items,
      ended: ended.items,
    };
    return `event: alerts\ndata: ${JSON.stringify(data)}\n\n`;
  }
}

/** Once what was written is taken, or never will be. */
const isDrained = (response: Response): Promise<void> =>
  new Promise((resolve) => {
    if (response.destroyed) resolve();
    const done = (): void => {
      response.off('drain', done);
      response.off('close', done);
      resolve();
    };
    response.on('drain', done);
    response.on('close', done);
  });
