import { Module } from '@nestjs/common';
import { streamAdminConfig } from './config.js';
import { ConnectorsModule } from './connectors/connectors.module.js';
import { QueriesModule } from './queries/queries.module.js';

@Module({ imports: [QueriesModule, ConnectorsModule] })
class AppModule {}

export const streamAdminService = {
  name: 'stream-admin',
  module: AppModule,
  config: streamAdminConfig,
  api: {
    title: 'Isobar stream-admin',
    description: 'The queries and connectors of the pipeline: what is deployed, how it runs, and how to redeploy it.',
  },
};
