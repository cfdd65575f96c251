import { CityCatalog } from '@isobar/contracts';
import { Connections, Metrics, Shutdown } from '@isobar/service-kit';
import { Injectable } from '@nestjs/common';
import { randomBytes } from 'node:crypto';
import type { Response } from 'express';
import { Conditions } from '../conditions/conditions.js';
import { ConditionsView } from '../conditions/conditions-view.js';
import { PipelineWatch } from '../pipeline/pipeline-watch.js';
import { sentence } from '../conditions/sentence.js';

/** Four times a second is as fast as people read; what comes in between is merged. */
const tickMs = 250;
const beatMs = 1_000;

interface Subscriber {
  readonly response: Response;
  readonly userId: number | undefined;
  /** The last change this subscriber has been sent; undefined before its snapshot. */
  sentChange: number | undefined;
}

/**
 * The live feed, as server-sent events: `snapshot` with everything, then `changes` with the newest value of what
 * changed, and `beat` once a second so that silence means trouble. Event ids are `<epoch>-<change>`: a browser that comes
 * back with the id it saw last gets only what changed since. A slow reader skips values, never the newest; one that takes
 * nothing is cut (`Connections`).
 */
@Injectable()
export class Feed {
  /** Change numbers count from the start of this process, so an id of an earlier one means nothing. */
  private readonly epoch = randomBytes(4).toString('hex');
  private readonly subscribers = new Set<Subscriber>();
  private readonly timers: readonly NodeJS.Timeout[];

  constructor(
    private readonly conditions: Conditions,
    private readonly view: ConditionsView,
    private readonly pipeline: PipelineWatch,
    catalog: CityCatalog,
    shutdown: Shutdown,
    metrics: Metrics,
    private readonly connections: Connections,
  ) {
    metrics.gauge('dashboard_feed_subscribers', 'Open feeds', [], (gauge) => gauge.set(this.subscribers.size));
    this.timers = [setInterval(() => this.tick(), tickMs), setInterval(() => this.beat(), beatMs)];
    // A city came or went: everybody gets the whole picture again.
    catalog.onChange(() => {
      for (const subscriber of this.subscribers) subscriber.sentChange = undefined;
    });
    shutdown.register('accepting', 'feed', () => this.stop());
  }

  subscribe(response: Response, options: { userId: number | undefined; lastEventId: string | undefined }): void {
    if (!this.connections.admitFeed(response)) return;
    response.writeHead(200, {
      'Content-Type': 'text/event-stream; charset=utf-8',
      'Cache-Control': 'no-store',
      'X-Accel-Buffering': 'no',
    });
    send(response, 'retry: 1000\n\n');
    const subscriber: Subscriber = {
      response,
      userId: options.userId,
      sentChange: this.changeOf(options.lastEventId),
    };
    this.subscribers.add(subscriber);
    response.on('close', () => this.subscribers.delete(subscriber));
    this.update(subscriber);
    send(response, this.beatText());
  }

  private stop(): void {
    for (const timer of this.timers) clearInterval(timer);
    for (const { response } of this.subscribers) response.end();
  }

  private tick(): void {
    this.view.followAirs(Date.now());
    for (const subscriber of this.subscribers) {
      if (!subscriber.response.writableNeedDrain) this.update(subscriber);
    }
  }

  private beat(): void {
    if (this.subscribers.size === 0) return;
    const text = this.beatText();
    for (const { response } of this.subscribers) if (!response.writableNeedDrain) send(response, text);
  }

  private beatText(): string {
    const now = Date.now();
    return event('beat', { now, sentence: sentence(this.conditions.cities(now)), pipeline: this.pipeline.now() });
  }

  private update(subscriber: Subscriber): void {
    const change = this.view.changeNumber;
    const since = subscriber.sentChange;
    if (since === change) return;
    subscriber.sentChange = change;
    const id = `${this.epoch}-${change}`;
    const text = since === undefined ? this.snapshot(subscriber, id) : this.changes(subscriber, since, id);
    if (text !== undefined) send(subscriber.response, text);
  }

  private snapshot({ userId }: Subscriber, id: string): string {
    const now = Date.now();
    const user = userId === undefined ? undefined : (this.conditions.userConditions(userId, now) ?? null);
    return event('snapshot', { now, cities: this.conditions.cities(now), people: this.conditions.people(), user }, id);
  }

  /** The newest values of what changed; undefined when nothing of it concerns this subscriber. */
  private changes({ userId }: Subscriber, since: number, id: string): string | undefined {
    const now = Date.now();
    const cities = this.conditions.citiesSince(since, now);
    const people = this.view.peopleChangeNumber > since ? this.conditions.people() : undefined;
    const isUserChanged = userId !== undefined && this.conditions.userChangeNumber(userId) > since;
    const user = isUserChanged ? (this.conditions.userConditions(userId, now) ?? null) : undefined;
    if (cities.length === 0 && people === undefined && user === undefined) return undefined;
    return event('changes', { now, cities, people, user }, id);
  }

  private changeOf(lastEventId: string | undefined): number | undefined {
    const [epoch, change] = (lastEventId ?? '').split('-');
    const number = Number(change);
    return epoch === this.epoch && Number.isSafeInteger(number) ? Math.min(number, this.view.changeNumber) : undefined;
  }
}

const event = (name: string, data: unknown, id?: string): string =>
  `${id === undefined ? '' : `id: ${id}\n`}event: ${name}\ndata: ${JSON.stringify(data)}\n\n`;

/** Writes, and pushes it through the compressor where there is one. */
function send(response: Response & { flush?: () => void }, text: string): void {
  response.write(text);
  response.flush?.();
}
