import 'reflect-metadata';
import { runService } from '@isobar/service-kit';
import { AppModule } from './app.module.js';
import { configSchema } from './config.js';

await runService({
  name: 'user-service',
  module: AppModule,
  config: configSchema,
  api: {
    title: 'User service',
    description: 'The people, where they live, and when the weather is too much for them.',
  },
});
