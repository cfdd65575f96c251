import { ApiProblem, ApiSchemaBody, ApiSchemaResponse, SchemaPipe } from '@isobar/service-kit';
import {
  Body,
  Controller,
  Delete,
  Get,
  Headers,
  HttpCode,
  Param,
  ParseIntPipe,
  Patch,
  Post,
  Query,
  Res,
} from '@nestjs/common';
import { ApiHeader, ApiOperation, ApiQuery, ApiTags } from '@nestjs/swagger';
import type { Response } from 'express';
import { z } from 'zod';
import { entityTag } from '../database/rows.js';
import { ApiIdempotencyKey } from '../idempotency/api-idempotency-key.js';
import { answerMade, Idempotency } from '../idempotency/idempotency.js';
import { pageQuerySchema, type PageQuery } from '../page-query.js';
import {
  metrics,
  newRuleSchema,
  ruleChangeSchema,
  ruleSchema,
  type NewRule,
  type RuleChange,
  type RuleView,
} from './rule-fields.js';
import type { Rule } from './rule.entity.js';
import { Rules } from './rules.js';

const rulePageSchema = z.object({ items: z.array(ruleSchema), nextCursor: z.int().nullable() });

@ApiTags('rules')
@Controller('users/:userId/rules')
export class RulesController {
  constructor(
    private readonly rules: Rules,
    private readonly idempotency: Idempotency,
  ) {}

  @Get()
  @ApiOperation({ summary: 'When a person wants to be told' })
  @ApiQuery({ name: 'limit', required: false, schema: { type: 'integer', minimum: 1, maximum: 1_000, default: 100 } })
  @ApiQuery({ name: 'cursor', required: false, description: 'nextCursor of the page before' })
  @ApiSchemaResponse(200, 'a page', rulePageSchema)
  @ApiProblem(404, 'there is no such person')
  @ApiProblem(422, 'a parameter cannot be used')
  @ApiProblem(503, 'the database is not ready')
  async list(
    @Param('userId', ParseIntPipe) userId: number,
    @Query(new SchemaPipe(pageQuerySchema)) query: PageQuery,
  ): Promise<z.output<typeof rulePageSchema>> {
    const { items, nextCursor } = await this.rules.list(userId, query);
    return { items: items.map(toView), nextCursor };
  }

  @Get(':id')
  @ApiOperation({ summary: 'One rule' })
  @ApiSchemaResponse(200, 'the rule; ETag tells its state', ruleSchema)
  @ApiProblem(404, 'there is no such person or rule')
  @ApiProblem(503, 'the database is not ready')
  async get(
    @Param('userId', ParseIntPipe) userId: number,
    @Param('id', ParseIntPipe) id: number,
    @Res({ passthrough: true }) response: Response,
  ): Promise<RuleView> {
    return tagged(response, await this.rules.get(userId, id));
  }

  @Post()
  @ApiIdempotencyKey()
  @ApiOperation({ summary: 'A new rule' })
  @ApiSchemaBody(newRuleSchema)
  @ApiSchemaResponse(201, 'the rule', ruleSchema)
  @ApiProblem(404, 'there is no such person')
  @ApiProblem(409, 'another change of the same person did not end in time')
  @ApiProblem(422, 'a field cannot be accepted')
  @ApiProblem(503, 'the database is not ready')
  async create(
    @Param('userId', ParseIntPipe) userId: number,
    @Body(new SchemaPipe(newRuleSchema)) fields: NewRule,
    @Headers('idempotency-key') key: string | undefined,
    @Res({ passthrough: true }) response: Response,
  ): Promise<RuleView> {
    const path = `/users/${userId}/rules`;
    const made = await this.idempotency.once(key, `POST ${path}`, fields, async (manager) => {
      const rule = await this.rules.create(manager, userId, fields);
      return { location: `${path}/${rule.id}`, tag: entityTag(rule), view: toView(rule) };
    });
    return answerMade(response, made);
  }

  @Patch(':id')
  @ApiOperation({ summary: 'Change what is given; an open alert of the rule ends when what decides is changed' })
  @ApiHeader({ name: 'If-Match', required: false, description: 'the ETag of what the change was made from' })
  @ApiSchemaBody(ruleChangeSchema)
  @ApiSchemaResponse(200, 'the rule as changed', ruleSchema)
  @ApiProblem(404, 'there is no such person or rule')
  @ApiProblem(409, 'another change of the same person did not end in time')
  @ApiProblem(412, 'it was changed meanwhile')
  @ApiProblem(422, 'a field cannot be accepted')
  @ApiProblem(503, 'the database is not ready')
  async change(
    @Param('userId', ParseIntPipe) userId: number,
    @Param('id', ParseIntPipe) id: number,
    @Body(new SchemaPipe(ruleChangeSchema)) change: RuleChange,
    @Headers('if-match') ifMatch: string | undefined,
    @Res({ passthrough: true }) response: Response,
  ): Promise<RuleView> {
    return tagged(response, await this.rules.change(userId, id, change, ifMatch));
  }

  @Delete(':id')
  @HttpCode(204)
  @ApiOperation({ summary: 'Remove a rule; its open alert ends' })
  @ApiHeader({ name: 'If-Match', required: false, description: 'the ETag of what is meant' })
  @ApiSchemaResponse(204, 'the rule is gone')
  @ApiProblem(404, 'there is no such person or rule')
  @ApiProblem(409, 'another change of the same person did not end in time')
  @ApiProblem(412, 'it was changed meanwhile')
  @ApiProblem(503, 'the database is not ready')
  async remove(
    @Param('userId', ParseIntPipe) userId: number,
    @Param('id', ParseIntPipe) id: number,
    @Headers('if-match') ifMatch: string | undefined,
  ): Promise<void> {
    await this.rules.remove(userId, id, ifMatch);
  }
}

function tagged(response: Response, rule: Rule): RuleView {
  response.setHeader('ETag', entityTag(rule));
  return toView(rule);
}

const toSeconds = (ms: number | null): number | null => (ms === null ? null : ms / 1_000);

const toView = (rule: Rule): RuleView => ({
  id: Number(rule.id),
  name: rule.name,
  placeId: rule.placeId,
  cityKey: rule.cityKey,
  metric: rule.metric,
  comparison: rule.comparison,
  threshold: rule.threshold,
  unit: Object.hasOwn(metrics, rule.metric) ? metrics[rule.metric].unit : null,
  deadband: rule.deadband,
  minDurationSeconds: toSeconds(rule.onDelayMs),
  clearDelaySeconds: toSeconds(rule.offDelayMs),
  coolDownSeconds: toSeconds(rule.coolDownMs),
  severity: rule.severity,
  quietHours:
    rule.quietFrom === null || rule.quietTo === null || rule.quietZone === null
      ? null
      : { from: rule.quietFrom.slice(0, 5), to: rule.quietTo.slice(0, 5), zone: rule.quietZone },
  channels: rule.channels,
  enabled: rule.enabled,
  version: rule.version,
});
