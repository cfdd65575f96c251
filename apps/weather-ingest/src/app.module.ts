import type { ServiceOptions } from '@isobar/service-kit';
import { Module } from '@nestjs/common';
import { AlertsModule } from './alerts/alerts.module.js';
import { CitiesModule } from './cities/cities.module.js';
import { configSchema } from './config.js';
import { ForecastsModule } from './forecasts/forecasts.module.js';
import { NwsModule } from './nws/nws.module.js';
import { ObservationsModule } from './observations/observations.module.js';
import { PublishingModule } from './publishing/publishing.module.js';
import { StatusModule } from './status/status.module.js';

@Module({
  imports: [CitiesModule, PublishingModule, NwsModule, ObservationsModule, ForecastsModule, AlertsModule, StatusModule],
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
