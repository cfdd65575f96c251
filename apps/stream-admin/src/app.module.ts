import { Module } from '@nestjs/common';
import { streamAdminConfig } from './config.js';
import { ConnectorsModule } from './connectors/connectors.module.js';
import { DeadLettersModule } from './dead-letters/dead-letters.module.js';
import { QueriesModule } from './queries/queries.module.js';
import { TopicsModule } from './topics/topics.module.js';

@Module({ imports: [QueriesModule, ConnectorsModule, DeadLettersModule, TopicsModule] })
class AppModule {}

export const streamAdminService = {
  name: 'stream-admin',
  module: AppModule,
  config: streamAdminConfig,
  api: {
    title: 'Stream admin',
    description:
      'The queries, connectors, topics and dead letters of the pipeline: what is deployed, how it runs, and how to mend it.',
  },
};
