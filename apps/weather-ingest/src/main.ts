import 'reflect-metadata';
import { runService } from '@isobar/service-kit';
import { AppModule } from './app.module.js';
import { configSchema } from './config.js';

await runService({
  name: 'weather-ingest',
  module: AppModule,
  config: configSchema,
  api: {
    title: 'Weather ingest',
    description: 'Polls the National Weather Service politely and publishes what it observed, forecasts and warns of.',
  },
});
