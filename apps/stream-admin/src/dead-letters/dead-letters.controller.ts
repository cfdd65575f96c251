import { DeadLetterBox, ReplayRefusedError, type DeadLetter } from '@isobar/kafka';
import { ApiProblem, ApiSchemaBody, ApiSchemaResponse, Metrics, Problem, SchemaPipe } from '@isobar/service-kit';
import { Body, Controller, Get, HttpCode, Param, Post, Query } from '@nestjs/common';
import { ApiOperation, ApiQuery, ApiTags } from '@nestjs/swagger';
import { z } from 'zod';
import { brokerProblem } from '../broker-problem.js';
import { DeadLetterIndex } from './dead-letter-index.js';
import {
  detailSchema,
  summarySchema,
  toDetail,
  toSummary,
  type DeadLetterDetail,
  type DeadLetterSummary,
} from './dead-letter-view.js';

const querySchema = z.strictObject({
  topic: z.string().optional(),
  service: z.string().optional(),
  replayed: z.stringbool().optional(),
  limit: z.coerce.number().int().min(1).max(1_000).default(100),
  cursor: z.string().optional(),
});
const pageSchema = z.object({ items: z.array(summarySchema), nextCursor: z.string().nullable() });

const editSchema = z
  .strictObject({
    value: z.string().nullable().optional().describe('the value to send instead, as text; null: a tombstone'),
    valueBase64: z.base64().optional().describe('the same as bytes'),
  })
  .refine(({ value, valueBase64 }) => value === undefined || valueBase64 === undefined, {
    error: 'give value or valueBase64, not both',
  });

const manySchema = z
  .strictObject({
    ids: z.array(z.string()).max(10_000).optional(),
    topic: z.string().optional(),
    service: z.string().optional(),
    all: z.literal(true).optional(),
    limit: z.int().min(1).max(10_000).default(1_000).describe('how many at most, the newest'),
  })
  .refine(({ ids, topic, service, all }) => ids !== undefined || topic !== undefined || service !== undefined || all, {
    error: 'say which: ids, topic or service; or all: true',
  });
const replayedSchema = z.object({ replayed: z.array(z.string()).describe('ids of what was put back') });
type Replayed = z.output<typeof replayedSchema>;

type Filter = Pick<z.output<typeof manySchema>, 'ids' | 'topic' | 'service'>;

@ApiTags('dead letters')
@Controller('dead-letters')
export class DeadLettersController {
  private readonly replays;

  constructor(
    private readonly index: DeadLetterIndex,
    private readonly box: DeadLetterBox,
    metrics: Metrics,
  ) {
    this.replays = metrics.counter('isobar_dead_letters_replayed_total', 'records that were put back', ['topic']);
  }

  @Get()
  @ApiOperation({
    summary: 'Records that could not be handled, newest first',
    description:
      'The newest 10,000 are at hand. Pages beyond them are read from the topic, which takes longer the larger it is; it keeps two weeks.',
  })
  @ApiQuery({ name: 'topic', required: false, description: 'only records of this topic' })
  @ApiQuery({ name: 'service', required: false, description: 'only those that this service or query set aside' })
  @ApiQuery({ name: 'replayed', required: false, schema: { type: 'boolean' } })
  @ApiQuery({ name: 'limit', required: false, schema: { type: 'integer', minimum: 1, maximum: 1_000, default: 100 } })
  @ApiQuery({ name: 'cursor', required: false, description: 'nextCursor of the page before' })
  @ApiSchemaResponse(200, 'a page', pageSchema)
  @ApiProblem(422, 'a parameter cannot be used')
  @ApiProblem(503, 'Kafka does not answer')
  async list(
    @Query(new SchemaPipe(querySchema)) query: z.output<typeof querySchema>,
  ): Promise<{ items: DeadLetterSummary[]; nextCursor: string | null }> {
    const matches = filterOf(query);
    const page = await this.index
      .page(
        (letter) => matches(letter) && (query.replayed === undefined || letter.isReplayed === query.replayed),
        query.cursor,
        query.limit,
      )
      .catch(brokerProblem);
    if (page === undefined)
      throw Problem.validation([
        { pointer: '/cursor', detail: 'there is no such dead letter; begin without a cursor' },
      ]);
    return {
      items: page.letters.map(toSummary),
      nextCursor: page.hasMore ? (page.letters.at(-1)?.id ?? null) : null,
    };
  }

  @Get(':id')
  @ApiOperation({ summary: 'One record with its bytes, headers and the error that set it aside' })
  @ApiSchemaResponse(200, 'the record', detailSchema)
  @ApiProblem(404, 'there is no such dead letter')
  @ApiProblem(503, 'Kafka does not answer')
  async get(@Param('id') id: string): Promise<DeadLetterDetail> {
    const letter = await this.index.find(id).catch(brokerProblem);
    if (letter === undefined) throw unknownLetter(id);
    return toDetail(letter);
  }

  @Post('replay')
  @HttpCode(200)
  @ApiOperation({ summary: 'Put many records back into their topics, unchanged; each goes back once' })
  @ApiSchemaBody(manySchema)
  @ApiSchemaResponse(200, 'what was put back', replayedSchema)
  @ApiProblem(422, 'nothing says which')
  @ApiProblem(503, 'Kafka does not answer')
  async replayMany(@Body(new SchemaPipe(manySchema)) body: z.output<typeof manySchema>): Promise<Replayed> {
    const replayed = await this.box.replayMany(filterOf(body), body.limit).catch(brokerProblem);
    for (const id of replayed) this.noteReplay(id);
    return { replayed: [...replayed] };
  }

  @Post(':id/replay')
  @HttpCode(200)
  @ApiOperation({ summary: 'Put one record back into its topic, as it was or with another value; it goes back once' })
  @ApiSchemaBody(editSchema)
  @ApiSchemaResponse(200, 'what was put back', replayedSchema)
  @ApiProblem(404, 'there is no such dead letter')
  @ApiProblem(409, 'it was replayed before')
  @ApiProblem(503, 'Kafka does not answer')
  async replay(
    @Param('id') id: string,
    @Body(new SchemaPipe(editSchema)) edit: z.output<typeof editSchema>,
  ): Promise<Replayed> {
    try {
      await this.box.replay(id, editedValue(edit));
    } catch (error) {
      if (!(error instanceof ReplayRefusedError)) return brokerProblem(error);
      if (error.code === 'DEAD_LETTER_UNKNOWN') throw unknownLetter(id);
      throw new Problem(409, { type: 'already-replayed', title: 'It was replayed before', detail: error.message });
    }
    this.noteReplay(id);
    return { replayed: [id] };
  }

  private noteReplay(id: string): void {
    this.replays.inc({ topic: topicOf(id) });
    this.index.markReplayed(id);
  }
}

function filterOf({ ids, topic, service }: Filter): (letter: DeadLetter) => boolean {
  const wanted = ids === undefined ? undefined : new Set(ids);
  return (letter) =>
    (wanted === undefined || wanted.has(letter.id)) &&
    (topic === undefined || letter.topic === topic) &&
    (service === undefined || letter.service === service);
}

function editedValue({ value, valueBase64 }: z.output<typeof editSchema>): { value: Buffer | null } | undefined {
  if (valueBase64 !== undefined) return { value: Buffer.from(valueBase64, 'base64') };
  if (value === undefined) return undefined;
  return { value: value === null ? null : Buffer.from(value) };
}

const unknownLetter = (id: string): Problem =>
  Problem.notFound('No such dead letter', `There is no dead letter ${id}; GET /dead-letters lists them.`);

const topicOf = (id: string): string => id.split(':').slice(0, -2).join(':');
