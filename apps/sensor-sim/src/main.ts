import 'reflect-metadata';
import { runService } from '@isobar/service-kit';
import { AppModule } from './app.module.js';
import { configSchema } from './config.js';

await runService({
  name: 'sensor-sim',
  module: AppModule,
  config: configSchema,
  api: { title: 'Sensor simulator', description: 'Simulated city sensors: what they measure, pausing and pace.' },
});
