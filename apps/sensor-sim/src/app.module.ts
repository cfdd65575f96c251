import { Module } from '@nestjs/common';
import { FleetModule } from './fleet/fleet.module.js';
import { PublishingModule } from './publishing/publishing.module.js';

@Module({ imports: [FleetModule, PublishingModule] })
export class AppModule {}
