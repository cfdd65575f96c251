import { openDiskQueue, RecordProducer, type KafkaClientOptions } from '@isobar/kafka';
import { CONFIG, LOGGER, Metrics, Readiness, Shutdown } from '@isobar/service-kit';
import { Global, Inject, Module, type OnApplicationBootstrap } from '@nestjs/common';
import { join } from 'node:path';
import type { Logger } from 'pino';
import type { WeatherIngestConfig } from '../config.js';
import { Publishing } from './publishing.js';

const clientOptions = (config: WeatherIngestConfig, log: Logger): KafkaClientOptions => ({
  brokers: config.KAFKA_BROKERS,
  clientId: 'weather-ingest',
  log,
});

const bufferFolder = ({ BUFFER_DIR: folder }: WeatherIngestConfig): string | undefined =>
  folder === undefined ? undefined : join(folder, 'weather-ingest');

@Global()
@Module({
  providers: [
    {
      provide: RecordProducer,
      inject: [CONFIG, LOGGER, Metrics],
      useFactory: (config: WeatherIngestConfig, log: Logger, metrics: Metrics) => {
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
      provide: Publishing,
      inject: [RecordProducer, CONFIG, LOGGER],
      useFactory: (producer: RecordProducer, config: WeatherIngestConfig, log: Logger) =>
        new Publishing(clientOptions(config, log), producer, config.NWS_REPLAY_DIR !== undefined),
    },
  ],
  exports: [Publishing],
})
export class PublishingModule implements OnApplicationBootstrap {
  constructor(
    private readonly publishing: Publishing,
    private readonly producer: RecordProducer,
    private readonly readiness: Readiness,
    private readonly shutdown: Shutdown,
    @Inject(LOGGER) private readonly log: Logger,
  ) {}

  onApplicationBootstrap(): void {
    this.readiness.register({ name: 'kafka', check: () => this.publishing.check() });
    this.shutdown.register('accepting', 'topics', () => this.publishing.stopWaiting());
    this.shutdown.register('producers', 'records', async () => {
      const lost = await this.producer.close();
      if (lost > 0) this.log.error({ records: lost }, 'the broker did not take the last records');
    });
    void this.publishing.start();
  }
}
