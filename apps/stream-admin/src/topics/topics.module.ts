import { CONFIG, LOGGER } from '@isobar/service-kit';
import { Module } from '@nestjs/common';
import { kafkaOptions } from '../kafka-options.js';
import { KAFKA_OPTIONS } from '../queries/tokens.js';
import { Cluster } from './cluster.js';
import { TopicsController } from './topics.controller.js';

@Module({
  controllers: [TopicsController],
  providers: [Cluster, { provide: KAFKA_OPTIONS, inject: [CONFIG, LOGGER], useFactory: kafkaOptions }],
})
export class TopicsModule {}
