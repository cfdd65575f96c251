import { topics } from '@isobar/contracts';
import { ensureTopics, openDiskQueue, RecordProducer, type KafkaClientOptions } from '@isobar/kafka';
import { CONFIG, LOGGER, Metrics, Readiness, Shutdown } from '@isobar/service-kit';
import { Inject, Module, type OnApplicationBootstrap } from '@nestjs/common';
import { join } from 'node:path';
import type { Logger } from 'pino';
import type { SensorSimConfig } from '../config.js';
import { FleetModule } from '../fleet/fleet.module.js';
import { Fleet } from '../fleet/fleet.js';
import { ActiveScenarios } from '../scenarios/active-scenarios.js';
import { ScenariosModule } from '../scenarios/scenarios.module.js';
import { PublishReadings } from './publish-readings.js';
import { SimulatedClock } from './simulated-clock.js';
import { SettingsController } from './settings.controller.js';

const clientOptions = (config: SensorSimConfig, log: Logger): KafkaClientOptions => ({
  brokers: config.KAFKA_BROKERS,
  clientId: 'sensor-sim',
  log,
});

const bufferFolder = ({ BUFFER_DIR: folder }: SensorSimConfig): string | undefined =>
  folder === undefined ? undefined : join(folder, 'sensor-sim');

@Module({
  imports: [FleetModule, ScenariosModule],
  controllers: [SettingsController],
  providers: [
    {
      provide: RecordProducer,
      inject: [CONFIG, LOGGER, Metrics],
      useFactory: (config: SensorSimConfig, log: Logger, metrics: Metrics) => {
        const producer = new RecordProducer(
          clientOptions(config, log),
          config.KAFKA_PRODUCER,
          openDiskQueue(bufferFolder(config), config.BUFFER_BYTES, log),
        );
        metrics.gauge('isobar_producer_pending_bytes', 'bytes that wait for the broker', [], (gauge) =>
          gauge.set(producer.pendingBytes),
        );
        return producer;
      },
    },
    {
      provide: PublishReadings,
      inject: [Fleet, ActiveScenarios, SimulatedClock, RecordProducer, CONFIG, LOGGER, Metrics],
      useFactory: (
        fleet: Fleet,
        scenarios: ActiveScenarios,
        clock: SimulatedClock,
        producer: RecordProducer,
        config: SensorSimConfig,
        log: Logger,
        metrics: Metrics,
      ) => {
        const published = metrics.counter('isobar_sensor_readings_total', 'readings that Kafka took');
        const dropped = metrics.counter('isobar_sensor_readings_dropped_total', 'readings that were given up', [
          'reason',
        ]);
        return new PublishReadings(
          fleet,
          scenarios,
          clock,
          producer,
          {
            seed: config.SENSOR_SEED,
            intervalMs: config.SENSOR_INTERVAL_MS,
            onPublished: (count) => published.inc(count),
            onDropped: (reason) => dropped.inc({ reason }),
          },
          log,
        );
      },
    },
  ],
})
export class PublishingModule implements OnApplicationBootstrap {
  constructor(
    private readonly readings: PublishReadings,
    private readonly producer: RecordProducer,
    private readonly readiness: Readiness,
    private readonly shutdown: Shutdown,
    @Inject(CONFIG) private readonly config: SensorSimConfig,
    @Inject(LOGGER) private readonly log: Logger,
  ) {}

  /** Starts in the background: the service answers while the broker is still on its way. */
  onApplicationBootstrap(): void {
    const starting = new AbortController();
    let hasTopics = false;
    this.readiness.register({
      name: 'kafka',
      check: () => {
        if (!hasTopics) throw new Error(`waiting for the broker at ${this.config.KAFKA_BROKERS.join(',')}`);
        if (this.producer.trouble !== undefined) throw this.producer.trouble;
      },
    });
    this.shutdown.register('accepting', 'sensors', () => {
      starting.abort();
      this.readings.stop();
    });
    this.shutdown.register('producers', 'readings', async () => {
      const lost = await this.producer.close();
      if (lost > 0) this.log.error({ records: lost }, 'the broker did not take the last readings');
    });
    void this.start(starting.signal, () => {
      hasTopics = true;
    });
  }

  private async start(signal: AbortSignal, onTopics: () => void): Promise<void> {
    try {
      await ensureTopics(clientOptions(this.config, this.log), [topics.iotSensors], { signal });
    } catch (error) {
      if (signal.aborted) return;
      throw error;
    }
    onTopics();
    await this.readings.run();
  }
}
