import { Module } from '@nestjs/common';
import { ObservationsModule } from './observations/observations.module.js';

@Module({ imports: [ObservationsModule] })
export class AppModule {}
