import { Module } from '@nestjs/common';
import { ObservationsModule } from '../observations/observations.module.js';
import { StatusController } from './status.controller.js';

@Module({ imports: [ObservationsModule], controllers: [StatusController] })
export class StatusModule {}
