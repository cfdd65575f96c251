import type { NextFunction, Request, Response } from 'express';
import type { Server, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import type { Logger } from 'pino';
import type { Readiness } from '../health/readiness.js';
import type { Metrics } from '../metrics/metrics.js';
import { problemType, type ProblemBody } from '../problems/problem.js';
import type { Shutdown } from '../shutdown/shutdown.js';
import { ConnectionRoom } from './connection-room.js';
import { isForTools, leaveUnlogged, requestIdOf } from './request-id.js';
import { TurnedAway } from './turned-away.js';

export interface ConnectionLimits {
  /** Connections at once; half as many may be feeds, so that there is always room for a question. */
  readonly connections: number;
  /** How long a client may take nothing of what waits for it. */
  readonly slowReaderMs: number;
}

type Reason = 'slow reader' | 'too many connections' | 'too many feeds';

const lookMsMax = 1_000;

/**
 * What all clients of a service together may hold. Beyond the limit of connections the probes of health and the metrics are still
 * answered, everything else with 503, and the connection ends with its answer: a service that is flooded must not look dead to whoever
 * would restart it. There is no limit for one address, since all clients of a stack share one: that of this machine, or of a proxy.
 */
export class Connections {
  private readonly room: ConnectionRoom;
  private readonly feeds = new Set<ServerResponse>();
  private readonly progress = new WeakMap<Socket, { readonly taken: number; readonly sinceMs: number }>();
  private readonly turnedAway: TurnedAway<Reason>;
  private readonly closed;
  private isTold = false;

  constructor(
    private readonly limits: ConnectionLimits,
    metrics: Metrics,
    private readonly readiness: Readiness,
    shutdown: Shutdown,
    logger: Logger,
  ) {
    this.room = new ConnectionRoom(limits.connections);
    metrics.gauge('isobar_http_connections', 'Open connections of clients', [], (gauge) =>
      gauge.set(this.room.all().length),
    );
    metrics.gauge('isobar_http_feeds', 'Open live answers', [], (gauge) => gauge.set(this.feeds.size));
    this.closed = metrics.counter('isobar_http_turned_away_total', 'Clients that were cut or refused', ['reason']);
    const setting = `HTTP_CONNECTIONS_MAX is ${limits.connections}`;
    this.turnedAway = new TurnedAway(logger, {
      'too many connections': setting,
      'too many feeds': `${setting}, half of them for feeds`,
    });
    shutdown.register('accepting', 'log of connections', () => this.turnedAway.close());
  }

  /** Stands before everything else that listens to connections of the server. */
  watch(server: Server): void {
    server.prependListener('connection', (socket: Socket) => this.take(socket));
    const lookMs = Math.min(lookMsMax, this.limits.slowReaderMs / 2);
    const timer = setInterval(() => this.cutSlowReaders(), lookMs).unref();
    server.once('close', () => clearInterval(timer));
  }

  /** Stands before every other middleware. */
  refuseBeyond() {
    return (request: Request, response: Response, next: NextFunction): void => {
      const { socket } = request;
      if (!this.room.isBeyond(socket)) {
        next();
        return;
      }
      response.setHeader('Connection', 'close');
      if (isForTools(request.path)) next();
      else this.refuse(response, 'too many connections', `At most ${this.limits.connections} connections are open`);
    };
  }

  /** A live answer begins, unless there are too many: then it is answered with 503 here. @returns whether it may begin */
  admitFeed(response: Response): boolean {
    if (this.feeds.size >= this.feedsMax) {
      this.refuse(response, 'too many feeds', `At most ${this.feedsMax} live answers are open`);
      return false;
    }
    // Who left before would keep a place for ever.
    if (response.destroyed) return false;
    this.feeds.add(response);
    response.on('close', () => this.feeds.delete(response));
    return true;
  }

  private get feedsMax(): number {
    return Math.max(1, Math.floor(this.limits.connections / 2));
  }

  private take(socket: Socket): void {
    const closed = this.room.take(socket);
    if (closed !== undefined) this.note('too many connections', closed.remoteAddress);
  }

  private cutSlowReaders(): void {
    const nowMs = performance.now();
    for (const socket of this.room.all()) {
      const waiting = socket.writableLength;
      // Those that have left the process.
      const taken = socket.bytesWritten - waiting;
      const before = this.progress.get(socket);
      if (waiting === 0 || before?.taken !== taken) this.progress.set(socket, { taken, sinceMs: nowMs });
      else if (nowMs - before.sinceMs >= this.limits.slowReaderMs) {
        this.note('slow reader', socket.remoteAddress);
        socket.destroy();
      }
    }
  }

  private refuse(response: Response, reason: Reason, what: string): void {
    const { req: request } = response;
    this.note(reason, request.socket.remoteAddress);
    leaveUnlogged(request);
    const body: ProblemBody = {
      type: problemType(reason.replaceAll(' ', '-')),
      title: `There are ${reason}`,
      status: 503,
      detail: `${what} at once (HTTP_CONNECTIONS_MAX is ${this.limits.connections}); try again later.`,
      instance: request.originalUrl,
      requestId: requestIdOf(request),
    };
    response
      .writeHead(503, { 'Content-Type': 'application/problem+json', 'Retry-After': '5', Connection: 'close' })
      .end(JSON.stringify(body));
  }

  private note(reason: Reason, address: string | undefined): void {
    this.closed.inc({ reason });
    this.turnedAway.note(reason, address);
    // From the first word on that there is.
    if (this.isTold || this.turnedAway.news() === undefined) return;
    this.isTold = true;
    this.readiness.register({ name: 'connections', optional: true, check: () => this.check() });
  }

  private check(): void {
    const news = this.turnedAway.news();
    if (news !== undefined) throw new Error(news);
  }
}
