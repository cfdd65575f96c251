import { topics } from '@isobar/contracts';
import { RecordProducer } from '@isobar/kafka';
import { ProducerModule } from '@isobar/kafka/nest';
import { CONFIG } from '@isobar/service-kit';
import { Global, Module } from '@nestjs/common';
import type { WeatherIngestConfig } from '../config.js';
import { Publishing } from './publishing.js';

@Global()
@Module({
  imports: [
    ProducerModule.forService('weather-ingest', [topics.weatherData, topics.weatherForecasts, topics.weatherAlerts]),
  ],
  providers: [
    {
      provide: Publishing,
      inject: [RecordProducer, CONFIG],
      useFactory: (producer: RecordProducer, config: WeatherIngestConfig) =>
        new Publishing(producer, config.NWS_REPLAY_DIR !== undefined),
    },
  ],
  exports: [Publishing, ProducerModule],
})
export class PublishingModule {}
