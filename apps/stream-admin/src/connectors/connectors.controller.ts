import { ApiProblem, ApiSchemaResponse, Problem } from '@isobar/service-kit';
import { Controller, Get, HttpCode, Param, Post } from '@nestjs/common';
import { ApiOperation, ApiTags } from '@nestjs/swagger';
import { z } from 'zod';
import { Connectors } from './connectors.js';
import type { ConnectorReport } from './keep-connector.js';

const reportSchema = z.object({
  name: z.string(),
  file: z.string(),
  connectorClass: z.string(),
  state: z.enum(['starting', 'running', 'failed', 'paused', 'refused']),
  connectState: z.string().nullable(),
  tasks: z.array(z.object({ id: z.number(), state: z.string(), trace: z.string().nullable() })),
  reason: z.string().nullable(),
  restarts: z.number(),
  nextRestartAt: z.string().nullable(),
});

const resnapshotSchema = z.object({
  removedKeys: z.number().describe('rows deleted while nobody captured it; each got a record without value'),
});

@ApiTags('connectors')
@Controller('connectors')
export class ConnectorsController {
  constructor(private readonly connectors: Connectors) {}

  @Get()
  @ApiOperation({ summary: 'The connectors with their tasks and the traces of failed ones; never their configuration' })
  @ApiSchemaResponse(200, 'By file name', z.array(reportSchema))
  list(): ConnectorReport[] {
    return this.connectors.reports();
  }

  @Get(':name')
  @ApiOperation({ summary: 'One connector' })
  @ApiSchemaResponse(200, 'Its report', reportSchema)
  @ApiProblem(404, 'No file declares it')
  one(@Param('name') name: string): ConnectorReport {
    const report = this.connectors.reports().find((each) => each.name === name);
    if (!report) throw Problem.notFound(`No file declares the connector ${name}`);
    return report;
  }

  @Post(':name/resnapshot')
  @HttpCode(200)
  @ApiOperation({
    summary: 'Start its capture anew, so that topic and table agree: new slot, new snapshot, no keys without a row',
  })
  @ApiSchemaResponse(200, 'It reads again', resnapshotSchema)
  @ApiProblem(404, 'No file declares it')
  @ApiProblem(409, 'It is being worked on, or a step did not succeed: it says which')
  async resnapshot(@Param('name') name: string): Promise<z.output<typeof resnapshotSchema>> {
    const taken = await this.connectors.resnapshot(name).catch((error: unknown) => {
      throw new Problem(409, {
        type: 'resnapshot-failed',
        title: 'The new snapshot was not taken',
        detail: error instanceof Error ? error.message : String(error),
      });
    });
    if (!taken) throw Problem.notFound(`No file declares the connector ${name}`);
    return taken;
  }
}
