import { Module } from '@nestjs/common';
import { FleetModule } from './fleet/fleet.module.js';
import { PublishingModule } from './publishing/publishing.module.js';
import { ScenariosModule } from './scenarios/scenarios.module.js';

@Module({ imports: [FleetModule, ScenariosModule, PublishingModule] })
export class AppModule {}
