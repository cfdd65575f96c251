import { resultTopics } from '@isobar/contracts';
import type { IncomingRecord, KafkaClientOptions } from '@isobar/kafka';
import { CONFIG, LOGGER, Metrics, Readiness, Shutdown } from '@isobar/service-kit';
import { Inject, Injectable, type OnApplicationBootstrap } from '@nestjs/common';
import type { Logger } from 'pino';
import { ConditionsView } from '../conditions/conditions-view.js';
import { readCityAverage, readCityConditions, readSensorHealth, readUserConditions } from '../conditions/records.js';
import type { DashboardConfig } from '../config.js';
import { TopicFollower } from './topic-follower.js';

/** Keeps the view up to date with the result topics of the pipeline. */
@Injectable()
export class ReadResults implements OnApplicationBootstrap {
  private readonly followers: readonly TopicFollower[];

  constructor(
    private readonly view: ConditionsView,
    @Inject(CONFIG) config: DashboardConfig,
    @Inject(LOGGER) private readonly logger: Logger,
    metrics: Metrics,
    readiness: Readiness,
    shutdown: Shutdown,
  ) {
    const kafka: KafkaClientOptions = { brokers: config.KAFKA_BROKERS, clientId: 'dashboard', log: logger };
    const read = metrics.counter('dashboard_records_total', 'Records read from a result topic', ['topic']);
    const bad = metrics.counter('dashboard_bad_records_total', 'Records of a result topic that cannot be read', [
      'topic',
    ]);

    this.followers = this.appliers().map(([topic, apply]) => {
      bad.inc({ topic }, 0);
      const follower = new TopicFollower({
        kafka,
        topic,
        onRecord: (record) => {
          read.inc({ topic });
          if (!this.applied(record, apply)) bad.inc({ topic });
        },
      });
      readiness.register({
        name: topic,
        check: () => {
          if (follower.trouble !== undefined) throw new Error(follower.trouble);
        },
      });
      shutdown.register('consumers', topic, () => follower.stop());
      return follower;
    });
  }

  onApplicationBootstrap(): void {
    for (const follower of this.followers) follower.start();
  }

  private appliers(): [string, (record: IncomingRecord) => string | undefined][] {
    return [
      [
        resultTopics.cityConditions,
        (record) => {
          const { cityId, value, misfit } = readCityConditions(record);
          this.view.applyCity(cityId, value);
          return misfit;
        },
      ],
      [
        resultTopics.cityAverages5m,
        (record) => {
          const { cityId, windowStart, value, misfit } = readCityAverage(record);
          this.view.applyAverage(cityId, windowStart, value);
          return misfit;
        },
      ],
      [
        resultTopics.sensorHealth,
        (record) => {
          const { sensorId, value, misfit } = readSensorHealth(record);
          this.view.applySensor(sensorId, value);
          return misfit;
        },
      ],
      [
        resultTopics.userConditions,
        (record) => {
          const { userId, value, misfit } = readUserConditions(record);
          this.view.applyUser(userId, value);
          return misfit;
        },
      ],
    ];
  }

  /** A record that cannot be read is counted and named; the stream goes on. */
  private applied(record: IncomingRecord, apply: (record: IncomingRecord) => string | undefined): boolean {
    const { topic, partition, offset } = record;
    try {
      const misfit = apply(record);
      if (misfit !== undefined)
        this.logger.warn(
          { topic, partition, offset, misfit },
          'fields of a record cannot be read; they count as absent',
        );
      return misfit === undefined;
    } catch (error) {
      this.logger.warn({ topic, partition, offset, err: error }, 'a record cannot be read; left out');
      return false;
    }
  }
}
