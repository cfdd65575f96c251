import { KsqlError } from '@isobar/ksql-client';
import { ApiProblem, ApiSchemaResponse, Problem } from '@isobar/service-kit';
import { Controller, Get, HttpCode, Param, Post } from '@nestjs/common';
import { ApiOperation, ApiParam, ApiTags } from '@nestjs/swagger';
import { z } from 'zod';
import { DeployPipeline } from './deploy-pipeline.js';
import { PipelineState } from './pipeline-state.js';
import { QueryStatuses, queryStatusSchema, type QueryStatus } from './query-status.js';
import { RedeployQuery, refuseWhileBusy, type Redeployed } from './redeploy-query.js';

const deploymentSchema = z.object({
  phase: z.enum(['waiting', 'deploying', 'deployed', 'failed']),
  waitsFor: z.string().nullable(),
  failure: z
    .object({ file: z.string(), line: z.number().nullable(), column: z.number().nullable(), reason: z.string() })
    .nullable(),
  journal: z.array(
    z.object({
      name: z.string(),
      file: z.string(),
      textHash: z.string(),
      action: z.enum(['created', 'redeployed']),
      deployedAt: z.string(),
    }),
  ),
});
type Deployment = z.infer<typeof deploymentSchema>;

const redeployedSchema = z.object({
  redeployed: z.array(z.string()).describe('names in the order of their creation'),
  erased: z
    .array(
      z.object({
        topic: z.string(),
        partitions: z.number().describe('that it had'),
        newPartitions: z.number(),
        records: z.number().describe('at most so many were in it: markers of transactions count'),
      }),
    )
    .describe(
      'topics that were made anew because a join needs another number of partitions; their queries fill them again',
    ),
});

@ApiTags('queries')
@Controller()
export class QueriesController {
  constructor(
    private readonly statuses: QueryStatuses,
    private readonly redeployQuery: RedeployQuery,
    private readonly deployPipeline: DeployPipeline,
    private readonly state: PipelineState,
  ) {}

  @Get('queries')
  @ApiOperation({ summary: 'Every stream and table of the pipeline, file and engine side by side' })
  @ApiSchemaResponse(200, 'In dependency order', z.array(queryStatusSchema))
  @ApiProblem(503, 'ksqlDB does not answer')
  async list(): Promise<QueryStatus[]> {
    try {
      return await this.statuses.all();
    } catch (error) {
      if (!(error instanceof KsqlError)) throw error;
      throw new Problem(503, { type: 'upstream-unavailable', title: 'ksqlDB does not answer', detail: error.message });
    }
  }

  @Get('queries/:name')
  @ApiOperation({ summary: 'One stream or table' })
  @ApiParam({ name: 'name', description: 'its name, in any case' })
  @ApiSchemaResponse(200, 'Its status', queryStatusSchema)
  @ApiProblem(404, 'No file declares it')
  @ApiProblem(503, 'ksqlDB does not answer')
  async one(@Param('name') name: string): Promise<QueryStatus> {
    const known = await this.knownName(name);
    const status = (await this.list()).find((each) => each.name === known);
    if (!status) throw Problem.notFound(`No file declares ${name}`);
    return status;
  }

  @Post('queries/:name/redeploy')
  @HttpCode(200)
  @ApiOperation({ summary: 'Drop it with everything that reads it, and create all again from the files' })
  @ApiParam({ name: 'name', description: 'its name, in any case' })
  @ApiSchemaResponse(200, 'What was created again, and which topics were erased for it', redeployedSchema)
  @ApiProblem(404, 'No file declares it')
  @ApiProblem(409, 'Another change is under way')
  @ApiProblem(422, 'A file was refused, with file, line and column; nothing was changed')
  @ApiProblem(
    503,
    'ksqlDB does not answer, or Kafka does not take the entry in the journal: the title says whether it was done',
  )
  async redeploy(@Param('name') name: string): Promise<Redeployed> {
    return this.redeployQuery.run(await this.knownName(name));
  }

  @Get('deployments')
  @ApiOperation({ summary: 'How the last deployment went, and what was deployed when' })
  @ApiSchemaResponse(200, 'The deployment', deploymentSchema)
  deployment(): Deployment {
    const { phase, waitsFor, failure, journal } = this.state;
    return {
      phase,
      waitsFor: waitsFor ?? null,
      failure: failure ?? null,
      journal: [...journal.values()].map(({ name, file, textHash, action, deployedAt }) => ({
        name,
        file,
        textHash,
        action,
        deployedAt,
      })),
    };
  }

  @Post('deployments')
  @HttpCode(202)
  @ApiOperation({ summary: 'Read the files again and create what is absent' })
  @ApiSchemaResponse(202, 'Started; look at GET /deployments')
  @ApiProblem(409, 'Another change is under way')
  deploy(): void {
    refuseWhileBusy(this.state);
    void this.deployPipeline.run();
  }

  /** Unquoted names are upper case in the engine; people write them as they like. */
  private async knownName(name: string): Promise<string> {
    const names = (await this.list()).map((query) => query.name);
    return names.find((known) => known === name) ?? names.find((known) => known === name.toUpperCase()) ?? name;
  }
}
