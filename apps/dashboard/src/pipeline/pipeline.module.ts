import { Module } from '@nestjs/common';
import { PipelineController } from './pipeline.controller.js';
import { PipelineWatch } from './pipeline-watch.js';

@Module({ controllers: [PipelineController], providers: [PipelineWatch], exports: [PipelineWatch] })
export class PipelineModule {}
