import { Module } from '@nestjs/common';
import { ConditionsModule } from '../conditions/conditions.module.js';
import { PipelineModule } from '../pipeline/pipeline.module.js';
import { FeedController } from './feed.controller.js';
import { Feed } from './feed.js';
import { resultTransport } from './result-transport.js';
import { ResultsController } from './results.controller.js';

@Module({
  imports: [ConditionsModule, PipelineModule],
  controllers: [FeedController, ResultsController],
  providers: [Feed, resultTransport],
})
export class FeedModule {}
