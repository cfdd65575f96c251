import { ApiSchemaResponse } from '@isobar/service-kit';
import { Controller, Get, Header } from '@nestjs/common';
import { ApiOperation, ApiTags } from '@nestjs/swagger';
import { PipelineWatch, pipelineSchema, type Pipeline } from './pipeline-watch.js';

@ApiTags('pipeline')
@Controller('api/pipeline')
export class PipelineController {
  constructor(private readonly watch: PipelineWatch) {}

  @Get()
  @Header('Cache-Control', 'no-store')
  @ApiOperation({ summary: 'Whether that which feeds the page moves, and why not' })
  @ApiSchemaResponse(200, 'As of some seconds ago', pipelineSchema)
  pipeline(): Pipeline {
    return this.watch.now();
  }
}
