import { ApiProblem, Problem } from '@isobar/service-kit';
import { Controller, Get, Headers, Query, Res } from '@nestjs/common';
import { ApiOperation, ApiProduces, ApiQuery, ApiResponse, ApiTags } from '@nestjs/swagger';
import type { Response } from 'express';
import { Feed } from './feed.js';

@ApiTags('feed')
@Controller('api/events')
export class FeedController {
  constructor(private readonly feed: Feed) {}

  @Get()
  @ApiOperation({
    summary: 'Server-sent events: snapshot, then changes at most four times a second, and a beat every second',
  })
  @ApiResponse({
    status: 200,
    description: 'The events, until either side ends it',
    content: { 'text/event-stream': {} },
  })
  @ApiProblem(422, 'user is no id of a person')
  @ApiProblem(503, 'too many feeds are open')
  @ApiProduces('text/event-stream')
  @ApiQuery({ name: 'user', required: false, description: "also send this person's conditions" })
  events(
    @Query('user') user: unknown,
    @Headers('last-event-id') lastEventId: string | undefined,
    @Res() response: Response,
  ): void {
    this.feed.subscribe(response, { userId: toUserId(user), lastEventId });
  }
}

function toUserId(user: unknown): number | undefined {
  if (user === undefined || user === '') return undefined;
  const id = typeof user === 'string' ? Number(user) : Number.NaN;
  if (!Number.isSafeInteger(id)) throw Problem.validation([{ pointer: '/user', detail: 'must be the id of a person' }]);
  return id;
}
