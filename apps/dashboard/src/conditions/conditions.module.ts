import { citiesFiles, CityCatalog } from '@isobar/contracts';
import { CONFIG, LOGGER, Shutdown } from '@isobar/service-kit';
import { Module } from '@nestjs/common';
import type { Logger } from 'pino';
import type { DashboardConfig } from '../config.js';
import { Conditions } from './conditions.js';
import { ConditionsController } from './conditions.controller.js';
import { ConditionsView } from './conditions-view.js';
import { airWindowMs } from './describe-air.js';
import { StationWatch } from './station-watch.js';

@Module({
  controllers: [ConditionsController],
  providers: [
    Conditions,
    StationWatch,
    {
      provide: ConditionsView,
      inject: [CONFIG],
      useFactory: (config: DashboardConfig) => new ConditionsView(airWindowMs(config.SENSOR_INTERVAL_MS)),
    },
    {
      provide: CityCatalog,
      inject: [CONFIG, LOGGER, Shutdown],
      useFactory: (config: DashboardConfig, logger: Logger, shutdown: Shutdown) => {
        const catalog = new CityCatalog(citiesFiles(config), {
          onProblem: (error) => logger.error({ err: error }, 'the cities file cannot be used; the old cities stay'),
        });
        shutdown.register('connections', 'cities file', () => catalog.close());
        return catalog;
      },
    },
  ],
  exports: [ConditionsView, Conditions, CityCatalog],
})
export class ConditionsModule {}
