import { CONFIG, LOGGER, tokenOf } from '@isobar/service-kit';
import { Module } from '@nestjs/common';
import type { StreamAdminConfig } from '../config.js';
import { KAFKA_OPTIONS, kafkaOptions } from '../kafka-options.js';
import { TopicsModule } from '../topics/topics.module.js';
import { ConnectClient } from './connect-client.js';
import { ConnectorsController } from './connectors.controller.js';
import { Connectors } from './connectors.js';
import { ReplicationClient } from './replication-client.js';

@Module({
  imports: [TopicsModule],
  controllers: [ConnectorsController],
  providers: [
    Connectors,
    { provide: KAFKA_OPTIONS, inject: [CONFIG, LOGGER], useFactory: kafkaOptions },
    {
      provide: ReplicationClient,
      inject: [CONFIG],
      useFactory: (config: StreamAdminConfig) => new ReplicationClient(config.USER_SERVICE_URL, tokenOf(config)),
    },
    {
      provide: ConnectClient,
      inject: [CONFIG],
      useFactory: (config: StreamAdminConfig) => new ConnectClient(config.CONNECT_URL),
    },
  ],
})
export class ConnectorsModule {}
