import { resultTopics } from '@isobar/contracts';
import { KafkaTransport } from '@isobar/kafka/nest';
import { CONFIG, LOGGER, Metrics, Readiness, Shutdown } from '@isobar/service-kit';
import type { FactoryProvider } from '@nestjs/common';
import type { Logger } from 'pino';
import { ConditionsView } from '../conditions/conditions-view.js';
import type { DashboardConfig } from '../config.js';
import { BadResults } from './bad-results.js';

/** What the view keeps of each topic. */
const kindOfTopic = {
  [resultTopics.cityConditions]: 'cities',
  [resultTopics.cityAverages5m]: 'averages',
  [resultTopics.sensorHealth]: 'sensors',
  [resultTopics.userConditions]: 'users',
  [resultTopics.weatherHealth]: 'weather',
} as const;
const isKnown = (topic: string): topic is keyof typeof kindOfTopic => Object.hasOwn(kindOfTopic, topic);

/** How result topics reach their controller: without a group, since each process keeps all of it in memory. */
export const resultTransport: FactoryProvider<KafkaTransport> = {
  provide: KafkaTransport,
  inject: [CONFIG, LOGGER, Metrics, Readiness, Shutdown, ConditionsView],
  useFactory: (
    config: DashboardConfig,
    log: Logger,
    metrics: Metrics,
    readiness: Readiness,
    shutdown: Shutdown,
    view: ConditionsView,
  ): KafkaTransport => {
    const bad = new BadResults(Object.keys(kindOfTopic), log, metrics, shutdown);
    return new KafkaTransport({
      client: { brokers: config.KAFKA_BROKERS, clientId: 'dashboard', log },
      onBadRecord: bad.note,
      onReset: (topic) => {
        if (isKnown(topic)) view.forgetAll(kindOfTopic[topic]);
      },
      readiness,
      shutdown,
    });
  },
};
