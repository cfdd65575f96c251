import { ApiProblem, ApiSchemaBody, ApiSchemaResponse, Problem, SchemaPipe } from '@isobar/service-kit';
import { Body, Controller, Get, HttpCode, Param, Post } from '@nestjs/common';
import { ApiOperation, ApiTags } from '@nestjs/swagger';
import { z } from 'zod';
import { CarryOutPlan, type CarriedOut } from './carry-out-plan.js';
import { planSchema, type PlanView } from './plan-schema.js';
import { Plans } from './plans.js';
import { PreviewPlan, previewSchema, type PreviewView } from './preview-plan.js';

const deploySchema = z.strictObject({
  acceptsRepeats: z
    .boolean()
    .default(false)
    .describe('objects that cannot go on are dropped and made again from the earliest record: their rows come again'),
});

const hoursMax = 168;
const previewRequestSchema = z.strictObject({
  hours: z.number().positive().max(hoursMax).default(24).describe('how far back the rows go'),
});

const carriedOutSchema = z.object({
  plan: z.string(),
  created: z.array(z.string()),
  replaced: z.array(z.string()).describe('in place, with their offsets and state'),
  redeployed: z.array(z.string()).describe('dropped and made again from the earliest record'),
  left: z.array(z.string()).describe('drifted, and left alone'),
});

@ApiTags('plans')
@Controller('plans')
export class PlansController {
  constructor(
    private readonly plans: Plans,
    private readonly carryOut: CarryOutPlan,
    private readonly previewPlan: PreviewPlan,
  ) {}

  @Post()
  @ApiOperation({ summary: 'Compare the files with what runs: what deploying them would do. Nothing is changed' })
  @ApiSchemaResponse(201, 'The plan, also when nothing is to be done', planSchema)
  @ApiProblem(422, 'A file cannot be deployed, with file, line and column')
  @ApiProblem(503, 'ksqlDB or Kafka does not answer')
  make(): Promise<PlanView> {
    return this.plans.make();
  }

  @Post('preview')
  @HttpCode(200)
  @ApiOperation({
    summary: 'Run the rows of the last hours through what runs and through the files, and compare what comes out',
  })
  @ApiSchemaBody(previewRequestSchema)
  @ApiSchemaResponse(200, 'Row by row, for each object whose statement changes', previewSchema)
  @ApiProblem(422, 'A file cannot be deployed, or the request is not right')
  @ApiProblem(503, 'ksqlDB or Kafka does not answer')
  preview(
    @Body(new SchemaPipe(previewRequestSchema)) { hours }: z.output<typeof previewRequestSchema>,
  ): Promise<PreviewView> {
    return this.previewPlan.run(hours * 3_600_000);
  }

  @Get(':id')
  @ApiOperation({ summary: 'A plan that was made since the start of this service' })
  @ApiSchemaResponse(200, 'The plan', planSchema)
  @ApiProblem(404, 'There is none of this id')
  one(@Param('id') id: string): PlanView {
    const plan = this.plans.get(id);
    if (plan === undefined) throw Problem.notFound(`There is no plan ${id}; POST /plans makes one`);
    return plan;
  }

  @Post(':id/deploy')
  @HttpCode(200)
  @ApiOperation({ summary: 'Carry out a plan: exactly that, or nothing when the files or what runs changed since' })
  @ApiSchemaBody(deploySchema)
  @ApiSchemaResponse(200, 'What was done', carriedOutSchema)
  @ApiProblem(409, 'The plan is out of date, or another change is under way; nothing was changed')
  @ApiProblem(422, 'An object is blocked, rows would come again unasked, or a file was refused; nothing was changed')
  @ApiProblem(503, 'ksqlDB or Kafka does not answer')
  deploy(
    @Param('id') id: string,
    @Body(new SchemaPipe(deploySchema)) { acceptsRepeats }: z.output<typeof deploySchema>,
  ): Promise<CarriedOut> {
    return this.carryOut.run(id, acceptsRepeats);
  }
}
