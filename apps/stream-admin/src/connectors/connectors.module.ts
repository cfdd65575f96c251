import { CONFIG } from '@isobar/service-kit';
import { Module } from '@nestjs/common';
import type { StreamAdminConfig } from '../config.js';
import { ConnectClient } from './connect-client.js';
import { ConnectorsController } from './connectors.controller.js';
import { Connectors } from './connectors.js';

@Module({
  controllers: [ConnectorsController],
  providers: [
    Connectors,
    {
      provide: ConnectClient,
      inject: [CONFIG],
      useFactory: (config: StreamAdminConfig) => new ConnectClient(config.CONNECT_URL),
    },
  ],
})
export class ConnectorsModule {}
