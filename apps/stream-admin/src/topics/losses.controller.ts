import { ApiProblem, ApiSchemaBody, ApiSchemaResponse, SchemaPipe } from '@isobar/service-kit';
import { Body, Controller, Get, HttpCode, Post } from '@nestjs/common';
import { ApiOperation, ApiTags } from '@nestjs/swagger';
import { z } from 'zod';
import { brokerProblem } from '../broker-problem.js';
import { describeLoss, topicLossSchema } from './topic-loss.js';
import { TopicLosses } from './topic-losses.js';

const lossSchema = topicLossSchema.extend({
  topic: z.string(),
  isNews: z.boolean().describe('younger than a day and not acknowledged: health and page tell of it'),
  words: z.string(),
});
const lossesSchema = z.object({ items: z.array(lossSchema) });

const acknowledgeSchema = z.strictObject({ topic: z.string().optional().describe('all when absent') });
const acknowledgedSchema = z.object({ acknowledged: z.number().describe('how many were news until now') });

@ApiTags('topics')
@Controller('losses')
export class LossesController {
  constructor(private readonly losses: TopicLosses) {}

  @Get()
  @ApiOperation({ summary: 'What was lost: topics that were deleted or replaced, records that were deleted' })
  @ApiSchemaResponse(200, 'Of the last seven days, newest first', lossesSchema)
  list(): z.output<typeof lossesSchema> {
    const news = new Set(this.losses.news().map(({ loss }) => loss));
    return {
      items: this.losses
        .all()
        .map(({ topic, loss }) => ({ topic, ...loss, isNews: news.has(loss), words: describeLoss(topic, loss) })),
    };
  }

  @Post('acknowledge')
  @HttpCode(200)
  @ApiOperation({ summary: 'Say that losses are known: health and page tell of them no longer' })
  @ApiSchemaBody(acknowledgeSchema)
  @ApiSchemaResponse(200, 'Done', acknowledgedSchema)
  @ApiProblem(503, 'Kafka does not answer; it is known here, and written down when it does')
  async acknowledge(
    @Body(new SchemaPipe(acknowledgeSchema)) { topic }: z.output<typeof acknowledgeSchema>,
  ): Promise<z.output<typeof acknowledgedSchema>> {
    return { acknowledged: await this.losses.acknowledge(topic).catch(brokerProblem) };
  }
}
