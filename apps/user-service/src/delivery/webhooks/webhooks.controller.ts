import { ApiProblem, ApiSchemaBody, ApiSchemaResponse, SchemaPipe } from '@isobar/service-kit';
import { Body, Controller, Delete, Get, HttpCode, Param, ParseIntPipe, Patch, Post, Query, Res } from '@nestjs/common';
import { ApiOperation, ApiQuery, ApiTags } from '@nestjs/swagger';
import type { Response } from 'express';
import { z } from 'zod';
import {
  deliveryQuerySchema,
  deliverySchema,
  madeWebhookSchema,
  newWebhookSchema,
  replayedSchema,
  webhookChangeSchema,
  webhookSchema,
  type DeliveryQuery,
  type DeliveryView,
  type MadeWebhook,
  type NewWebhook,
  type WebhookChange,
  type WebhookView,
} from './webhook-fields.js';
import { Webhooks } from './webhooks.js';

const listSchema = z.object({ items: z.array(webhookSchema) });
const pageSchema = z.object({ items: z.array(deliverySchema), nextCursor: z.string().nullable() });

@ApiTags('webhooks')
@Controller('users/:userId/webhooks')
export class WebhooksController {
  constructor(private readonly webhooks: Webhooks) {}

  @Get()
  @ApiOperation({ summary: 'Where the notices of a person are posted, and how that goes' })
  @ApiSchemaResponse(200, 'all of them', listSchema)
  @ApiProblem(404, 'there is no such person')
  @ApiProblem(503, 'the database is not ready')
  async list(@Param('userId', ParseIntPipe) userId: number): Promise<z.output<typeof listSchema>> {
    return { items: await this.webhooks.list(userId) };
  }

  @Get(':id')
  @ApiOperation({ summary: 'One webhook' })
  @ApiSchemaResponse(200, 'the webhook', webhookSchema)
  @ApiProblem(404, 'there is no such person or webhook')
  @ApiProblem(503, 'the database is not ready')
  get(@Param('userId', ParseIntPipe) userId: number, @Param('id', ParseIntPipe) id: number): Promise<WebhookView> {
    return this.webhooks.get(userId, id);
  }

  @Post()
  @ApiOperation({
    summary: 'A new webhook: each notice is posted to it, signed as Standard Webhooks has it, at least once',
  })
  @ApiSchemaBody(newWebhookSchema)
  @ApiSchemaResponse(201, 'the webhook, with its secret', madeWebhookSchema)
  @ApiProblem(404, 'there is no such person')
  @ApiProblem(409, 'another change of the same person did not end in time')
  @ApiProblem(422, 'the address cannot be used, or a field cannot be accepted')
  @ApiProblem(503, 'the database is not ready')
  async create(
    @Param('userId', ParseIntPipe) userId: number,
    @Body(new SchemaPipe(newWebhookSchema)) fields: NewWebhook,
    @Res({ passthrough: true }) response: Response,
  ): Promise<MadeWebhook> {
    const made = await this.webhooks.create(userId, fields);
    response.setHeader('Location', `/users/${userId}/webhooks/${made.id}`);
    return made;
  }

  @Patch(':id')
  @ApiOperation({ summary: 'Change what is given' })
  @ApiSchemaBody(webhookChangeSchema)
  @ApiSchemaResponse(200, 'the webhook as changed', webhookSchema)
  @ApiProblem(404, 'there is no such person or webhook')
  @ApiProblem(409, 'another change of the same person did not end in time')
  @ApiProblem(422, 'the address cannot be used, or a field cannot be accepted')
  @ApiProblem(503, 'the database is not ready')
  change(
    @Param('userId', ParseIntPipe) userId: number,
    @Param('id', ParseIntPipe) id: number,
    @Body(new SchemaPipe(webhookChangeSchema)) change: WebhookChange,
  ): Promise<WebhookView> {
    return this.webhooks.change(userId, id, change);
  }

  @Delete(':id')
  @HttpCode(204)
  @ApiOperation({ summary: 'Remove a webhook, with what was to be delivered to it' })
  @ApiSchemaResponse(204, 'the webhook is gone')
  @ApiProblem(404, 'there is no such person or webhook')
  @ApiProblem(409, 'another change of the same person did not end in time')
  @ApiProblem(503, 'the database is not ready')
  async remove(@Param('userId', ParseIntPipe) userId: number, @Param('id', ParseIntPipe) id: number): Promise<void> {
    await this.webhooks.remove(userId, id);
  }

  @Post(':id/secret')
  @HttpCode(200)
  @ApiOperation({ summary: 'A new secret in place of the old one' })
  @ApiSchemaResponse(200, 'the webhook, with its secret', madeWebhookSchema)
  @ApiProblem(404, 'there is no such person or webhook')
  @ApiProblem(409, 'another change of the same person did not end in time')
  @ApiProblem(503, 'the database is not ready')
  renewSecret(
    @Param('userId', ParseIntPipe) userId: number,
    @Param('id', ParseIntPipe) id: number,
  ): Promise<MadeWebhook> {
    return this.webhooks.renewSecret(userId, id);
  }

  @Post(':id/test')
  @HttpCode(202)
  @ApiOperation({ summary: 'Post a notice to it that says that it is a test' })
  @ApiSchemaResponse(202, 'the delivery that was queued', deliverySchema)
  @ApiProblem(404, 'there is no such person or webhook')
  @ApiProblem(409, 'it is switched off, or another change of the same person did not end in time')
  @ApiProblem(503, 'the database is not ready')
  test(@Param('userId', ParseIntPipe) userId: number, @Param('id', ParseIntPipe) id: number): Promise<DeliveryView> {
    return this.webhooks.test(userId, id);
  }

  @Get(':id/deliveries')
  @ApiOperation({ summary: 'What was and is to be delivered, the newest first' })
  @ApiQuery({
    name: 'state',
    required: false,
    schema: { type: 'string', enum: ['pending', 'delivered', 'dead'] },
  })
  @ApiQuery({ name: 'limit', required: false, schema: { type: 'integer', minimum: 1, maximum: 500, default: 50 } })
  @ApiQuery({ name: 'cursor', required: false, description: 'nextCursor of the page before' })
  @ApiSchemaResponse(200, 'a page', pageSchema)
  @ApiProblem(404, 'there is no such person or webhook')
  @ApiProblem(422, 'a parameter cannot be used')
  @ApiProblem(503, 'the database is not ready')
  deliveries(
    @Param('userId', ParseIntPipe) userId: number,
    @Param('id', ParseIntPipe) id: number,
    @Query(new SchemaPipe(deliveryQuerySchema)) query: DeliveryQuery,
  ): Promise<z.output<typeof pageSchema>> {
    return this.webhooks.deliveries(userId, id, query);
  }

  @Post(':id/replay')
  @HttpCode(200)
  @ApiOperation({ summary: 'Try all dead deliveries anew' })
  @ApiSchemaResponse(200, 'how many', replayedSchema)
  @ApiProblem(404, 'there is no such person or webhook')
  @ApiProblem(409, 'another change of the same person did not end in time')
  @ApiProblem(503, 'the database is not ready')
  async replayAll(
    @Param('userId', ParseIntPipe) userId: number,
    @Param('id', ParseIntPipe) id: number,
  ): Promise<z.output<typeof replayedSchema>> {
    return { replayed: await this.webhooks.replay(userId, id) };
  }

  @Post(':id/deliveries/:deliveryId/replay')
  @HttpCode(200)
  @ApiOperation({ summary: 'Try a dead delivery anew' })
  @ApiSchemaResponse(200, 'one', replayedSchema)
  @ApiProblem(404, 'there is no such person, webhook or dead delivery')
  @ApiProblem(409, 'another change of the same person did not end in time')
  @ApiProblem(503, 'the database is not ready')
  async replay(
    @Param('userId', ParseIntPipe) userId: number,
    @Param('id', ParseIntPipe) id: number,
    @Param('deliveryId') deliveryId: string,
  ): Promise<z.output<typeof replayedSchema>> {
    return { replayed: await this.webhooks.replay(userId, id, deliveryId) };
  }
}
