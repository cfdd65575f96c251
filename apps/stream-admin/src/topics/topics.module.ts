import { CONFIG, LOGGER } from '@isobar/service-kit';
import { Module } from '@nestjs/common';
import { KAFKA_OPTIONS, kafkaOptions } from '../kafka-options.js';
import { ClusterBounds } from './cluster-bounds.js';
import { Cluster } from './cluster.js';
import { DeclaredTopics } from './declared-topics.js';
import { LossesController } from './losses.controller.js';
import { TopicLosses } from './topic-losses.js';
import { TopicsController } from './topics.controller.js';

@Module({
  controllers: [TopicsController, LossesController],
  providers: [
    Cluster,
    ClusterBounds,
    DeclaredTopics,
    TopicLosses,
    { provide: KAFKA_OPTIONS, inject: [CONFIG, LOGGER], useFactory: kafkaOptions },
  ],
  exports: [DeclaredTopics, Cluster, ClusterBounds],
})
export class TopicsModule {}
