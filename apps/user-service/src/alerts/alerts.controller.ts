import { ApiProblem, ApiSchemaBody, ApiSchemaResponse, SchemaPipe } from '@isobar/service-kit';
import { Body, Controller, Get, HttpCode, Param, ParseIntPipe, Post, Query, Res } from '@nestjs/common';
import { ApiOperation, ApiProduces, ApiQuery, ApiResponse, ApiTags } from '@nestjs/swagger';
import type { Response } from 'express';
import { z } from 'zod';
import { pageQuerySchema, type PageQuery } from '../page-query.js';
import {
  alertQuerySchema,
  alertSchema,
  noticeSchema,
  snoozeSchema,
  whySchema,
  type AlertQuery,
  type AlertView,
  type NoticeView,
  type Snooze,
  type Why,
} from './alert-fields.js';
import { Alerts } from './alerts.js';
import { LiveAlerts } from './live/live-alerts.js';

const alertPageSchema = z.object({ items: z.array(alertSchema), nextCursor: z.string().nullable() });
const inboxPageSchema = z.object({ items: z.array(noticeSchema), nextCursor: z.int().nullable() });

@ApiTags('alerts')
@Controller()
export class AlertsController {
  constructor(
    private readonly alerts: Alerts,
    private readonly live: LiveAlerts,
  ) {}

  @Get('users/:userId/alerts')
  @ApiOperation({ summary: "A person's alerts, the newest first" })
  @ApiQuery({
    name: 'state',
    required: false,
    schema: { type: 'string', enum: ['open', 'ended', 'all'], default: 'all' },
  })
  @ApiQuery({ name: 'ruleId', required: false, description: 'only those of this rule' })
  @ApiQuery({ name: 'limit', required: false, schema: { type: 'integer', minimum: 1, maximum: 500, default: 50 } })
  @ApiQuery({ name: 'cursor', required: false, description: 'nextCursor of the page before' })
  @ApiSchemaResponse(200, 'a page', alertPageSchema)
  @ApiProblem(404, 'there is no such person')
  @ApiProblem(422, 'a parameter cannot be used')
  @ApiProblem(503, 'the database is not ready')
  list(
    @Param('userId', ParseIntPipe) userId: number,
    @Query(new SchemaPipe(alertQuerySchema)) query: AlertQuery,
  ): Promise<{ items: AlertView[]; nextCursor: string | null }> {
    return this.alerts.list(userId, query);
  }

  @Get('users/:userId/alerts/live')
  @ApiOperation({
    summary: 'Server-sent events: `alerts` with what is open and the last that ended, at first and at each change',
  })
  @ApiProduces('text/event-stream')
  @ApiResponse({
    status: 200,
    description: 'The events, until either side ends it',
    content: { 'text/event-stream': {} },
  })
  @ApiProblem(404, 'there is no such person')
  @ApiProblem(503, 'the database is not ready, or too many are listening')
  async follow(@Param('userId', ParseIntPipe) userId: number, @Res() response: Response): Promise<void> {
    await this.live.subscribe(userId, response);
  }

  @Get('users/:userId/inbox')
  @ApiOperation({ summary: 'What a person was told, the newest first; each notice once' })
  @ApiQuery({ name: 'limit', required: false, schema: { type: 'integer', minimum: 1, maximum: 1_000, default: 100 } })
  @ApiQuery({ name: 'cursor', required: false, description: 'nextCursor of the page before' })
  @ApiSchemaResponse(200, 'a page', inboxPageSchema)
  @ApiProblem(404, 'there is no such person')
  @ApiProblem(422, 'a parameter cannot be used')
  @ApiProblem(503, 'the database is not ready')
  inbox(
    @Param('userId', ParseIntPipe) userId: number,
    @Query(new SchemaPipe(pageQuerySchema)) query: PageQuery,
  ): Promise<{ items: NoticeView[]; nextCursor: number | null }> {
    return this.alerts.inbox(userId, query);
  }

  @Post('alerts/:id/acknowledge')
  @HttpCode(200)
  @ApiOperation({ summary: 'Say that the person knows; once more changes nothing' })
  @ApiSchemaResponse(200, 'the alert', alertSchema)
  @ApiProblem(404, 'there is no such alert')
  @ApiProblem(409, 'the alert is over, or another change did not end in time')
  @ApiProblem(503, 'the database is not ready')
  acknowledge(@Param('id') id: string): Promise<AlertView> {
    return this.alerts.acknowledge(id);
  }

  @Post('alerts/:id/snooze')
  @HttpCode(200)
  @ApiOperation({ summary: 'No notices for a while; the alert itself goes on' })
  @ApiSchemaBody(snoozeSchema)
  @ApiSchemaResponse(200, 'the alert', alertSchema)
  @ApiProblem(404, 'there is no such alert')
  @ApiProblem(409, 'the alert is over, or another change did not end in time')
  @ApiProblem(422, 'the time cannot be accepted')
  @ApiProblem(503, 'the database is not ready')
  snooze(@Param('id') id: string, @Body(new SchemaPipe(snoozeSchema)) { minutes }: Snooze): Promise<AlertView> {
    return this.alerts.snooze(id, minutes);
  }

  @Get('alerts/:id/why')
  @ApiOperation({
    summary: 'What led to each step of an alert, down to the records, and whether they lead there again',
  })
  @ApiSchemaResponse(200, 'the steps, in order', whySchema)
  @ApiProblem(404, 'there is no such alert')
  @ApiProblem(503, 'the database is not ready')
  why(@Param('id') id: string): Promise<Why> {
    return this.alerts.why(id);
  }
}
