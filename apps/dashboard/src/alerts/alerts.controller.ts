import { ApiProblem, CONFIG, Connections, Problem, tokenOf } from '@isobar/service-kit';
import { Body, Controller, Get, HttpCode, Inject, Param, ParseIntPipe, Post, Res } from '@nestjs/common';
import { ApiBody, ApiOperation, ApiProduces, ApiResponse, ApiTags } from '@nestjs/swagger';
import type { Response } from 'express';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { ReadableStream } from 'node:stream/web';
import type { DashboardConfig } from '../config.js';

const answerWithinMs = 5_000;

/** What user-service answers, good or bad, goes to the page as it is. */
const passedOn = { description: 'As user-service answers', content: { 'application/json': {} } };

/** The alerts of a person for the page, which talks to nobody but this service. */
@ApiTags('alerts')
@Controller('api')
export class AlertsController {
  constructor(
    @Inject(CONFIG) private readonly config: DashboardConfig,
    private readonly connections: Connections,
  ) {}

  @Get('users/:id/alerts')
  @ApiOperation({ summary: "A person's alerts, the newest first" })
  @ApiResponse({ status: 200, ...passedOn })
  @ApiProblem(404, 'there is no such person')
  @ApiProblem(502, 'user-service does not answer')
  @ApiProblem(503, 'user-service is not known here, or its database is not ready')
  async list(@Param('id', ParseIntPipe) id: number, @Res() response: Response): Promise<void> {
    await this.passOn(response, 'GET', `/users/${id}/alerts`);
  }

  @Get('users/:id/alerts/live')
  @ApiOperation({
    summary: 'Server-sent events: `alerts` at first and at each change; `unknown` where user-service is not known',
  })
  @ApiProduces('text/event-stream')
  @ApiResponse({
    status: 200,
    description: 'The events, until either side ends it',
    content: { 'text/event-stream': {} },
  })
  @ApiProblem(404, 'there is no such person')
  @ApiProblem(502, 'user-service does not answer')
  @ApiProblem(503, 'user-service is not known here, its database is not ready, or too many feeds are open')
  async live(@Param('id', ParseIntPipe) id: number, @Res() response: Response): Promise<void> {
    if (this.config.USER_SERVICE_URL === undefined) {
      // An event and no error: a page that shows no alerts has nothing to complain of.
      response.type('text/event-stream').end('event: unknown\ndata: {}\n\n');
      return;
    }
    if (!this.connections.admitFeed(response)) return;
    const closed = new AbortController();
    response.on('close', () => closed.abort());
    await this.passOn(response, 'GET', `/users/${id}/alerts/live`, undefined, closed.signal);
  }

  @Post('alerts/:id/acknowledge')
  @HttpCode(200)
  @ApiOperation({ summary: 'Say that the person knows' })
  @ApiResponse({ status: 200, ...passedOn })
  @ApiProblem(404, 'there is no such alert')
  @ApiProblem(409, 'the alert is over, or another change did not end in time')
  @ApiProblem(502, 'user-service does not answer')
  @ApiProblem(503, 'user-service is not known here, or its database is not ready')
  async acknowledge(@Param('id') id: string, @Res() response: Response): Promise<void> {
    await this.passOn(response, 'POST', `/alerts/${encodeURIComponent(id)}/acknowledge`, {});
  }

  @Post('alerts/:id/snooze')
  @HttpCode(200)
  @ApiOperation({ summary: 'No notices for a while' })
  @ApiBody({
    schema: { type: 'object', properties: { minutes: { type: 'integer', nullable: true } }, required: ['minutes'] },
  })
  @ApiResponse({ status: 200, ...passedOn })
  @ApiProblem(404, 'there is no such alert')
  @ApiProblem(409, 'the alert is over, or another change did not end in time')
  @ApiProblem(422, 'the time cannot be accepted')
  @ApiProblem(502, 'user-service does not answer')
  @ApiProblem(503, 'user-service is not known here, or its database is not ready')
  async snooze(@Param('id') id: string, @Body() body: unknown, @Res() response: Response): Promise<void> {
    await this.passOn(response, 'POST', `/alerts/${encodeURIComponent(id)}/snooze`, body ?? {});
  }

  @Get('alerts/:id/why')
  @ApiOperation({ summary: 'What led to each step of an alert' })
  @ApiResponse({ status: 200, ...passedOn })
  @ApiProblem(404, 'there is no such alert')
  @ApiProblem(502, 'user-service does not answer')
  @ApiProblem(503, 'user-service is not known here, or its database is not ready')
  async why(@Param('id') id: string, @Res() response: Response): Promise<void> {
    await this.passOn(response, 'GET', `/alerts/${encodeURIComponent(id)}/why`);
  }

  /** @throws Problem 502, 503 */
  private async passOn(
    response: Response,
    method: 'GET' | 'POST',
    path: string,
    body?: unknown,
    signal: AbortSignal = AbortSignal.timeout(answerWithinMs),
  ): Promise<void> {
    const answer = await this.ask(method, path, body, signal);
    const type = answer.headers.get('content-type') ?? 'application/json';
    response.status(answer.status).setHeader('Content-Type', type);
    response.setHeader('Cache-Control', 'no-store');
    if (!type.startsWith('text/event-stream')) {
      response.send(await answer.text());
      return;
    }
    response.flushHeaders();
    const events = Readable.fromWeb(answer.body as ReadableStream<Uint8Array>);
    // The feed is compressed: each event has to leave by itself.
    events.on('data', () => setImmediate(() => flush(response)));
    await pipeline(events, response).catch(() => response.end());
  }

  private async ask(method: string, path: string, body: unknown, signal: AbortSignal): Promise<globalThis.Response> {
    const { USER_SERVICE_URL: url } = this.config;
    if (url === undefined)
      throw new Problem(503, {
        type: 'upstream-unavailable',
        title: 'Alerts are not known here',
        detail: 'The dashboard was started without USER_SERVICE_URL.',
      });
    const token = tokenOf(this.config);
    try {
      return await fetch(`${url}${path}`, {
        method,
        signal,
        headers: {
          ...(token === undefined ? {} : { Authorization: `Bearer ${token}` }),
          ...(body === undefined ? {} : { 'Content-Type': 'application/json' }),
        },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      });
    } catch {
      throw new Problem(502, {
        type: 'upstream-unavailable',
        title: 'user-service does not answer',
        detail: 'The alerts are kept there; try again in a moment.',
      });
    }
  }
}

const flush = (response: Response & { flush?: () => void }): void => response.flush?.();
