import type { ServiceOptions } from '@isobar/service-kit';
import { Module } from '@nestjs/common';
import { FleetModule } from './fleet/fleet.module.js';
import { PublishingModule } from './publishing/publishing.module.js';
import { ScenariosModule } from './scenarios/scenarios.module.js';
import { configSchema } from './config.js';

@Module({ imports: [FleetModule, ScenariosModule, PublishingModule] })
export class AppModule {}

export const sensorSimService: ServiceOptions<typeof configSchema> = {
  name: 'sensor-sim',
  module: AppModule,
  config: configSchema,
  api: { title: 'Sensor simulator', description: 'Simulated city sensors: what they measure, pausing and pace.' },
};
