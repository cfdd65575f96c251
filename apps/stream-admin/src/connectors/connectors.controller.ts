import { ApiProblem, ApiSchemaResponse, Problem } from '@isobar/service-kit';
import { Controller, Get, Param } from '@nestjs/common';
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
}
