import { Module } from '@nestjs/common';
import { AlertsModule } from './alerts/alerts.module.js';
import { CitiesModule } from './cities/cities.module.js';
import { ForecastsModule } from './forecasts/forecasts.module.js';
import { NwsModule } from './nws/nws.module.js';
import { ObservationsModule } from './observations/observations.module.js';
import { PublishingModule } from './publishing/publishing.module.js';

@Module({
  imports: [CitiesModule, PublishingModule, NwsModule, ObservationsModule, ForecastsModule, AlertsModule],
})
export class AppModule {}
