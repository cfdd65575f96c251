import { topics } from '@isobar/contracts';
import { RecordProducer } from '@isobar/kafka';
import { OwnTopics, ProducerModule } from '@isobar/kafka/nest';
import { CONFIG, LOGGER, Metrics, Shutdown } from '@isobar/service-kit';
import { Module, type OnApplicationBootstrap } from '@nestjs/common';
import type { Logger } from 'pino';
import type { SensorSimConfig } from '../config.js';
import { FleetModule } from '../fleet/fleet.module.js';
import { Fleet } from '../fleet/fleet.js';
import { ActiveScenarios } from '../scenarios/active-scenarios.js';
import { ScenariosModule } from '../scenarios/scenarios.module.js';
import { PublishReadings } from './publish-readings.js';
import { SimulatedClock } from './simulated-clock.js';
import { SettingsController } from './settings.controller.js';

@Module({
  imports: [FleetModule, ScenariosModule, ProducerModule.forService('sensor-sim', [topics.iotSensors])],
  controllers: [SettingsController],
  providers: [
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
    private readonly topics: OwnTopics,
    private readonly shutdown: Shutdown,
  ) {}

  onApplicationBootstrap(): void {
    this.shutdown.register('accepting', 'sensors', () => this.readings.stop());
    this.topics.whenThere(() => void this.readings.run());
  }
}
