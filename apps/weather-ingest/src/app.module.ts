import type { ServiceOptions } from '@isobar/service-kit';
import { Module } from '@nestjs/common';
import { AlertsModule } from './alerts/alerts.module.js';
import { CitiesModule } from './cities/cities.module.js';
import { ForecastsModule } from './forecasts/forecasts.module.js';
import { NwsModule } from './nws/nws.module.js';
import { ObservationsModule } from './observations/observations.module.js';
import { PublishingModule } from './publishing/publishing.module.js';
import { configSchema } from './config.js';

@Module({
  imports: [CitiesModule, PublishingModule, NwsModule, ObservationsModule, ForecastsModule, AlertsModule],
})
export class AppModule {}

export const weatherIngestService: ServiceOptions<typeof configSchema> = {
  name: 'weather-ingest',
  module: AppModule,
  config: configSchema,
  api: {
    title: 'Weather ingest',
    description: 'Polls the National Weather Service politely and publishes what it observed, forecasts and warns of.',
  },
};
