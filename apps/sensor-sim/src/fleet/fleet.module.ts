import { citiesFiles, CityCatalog } from '@isobar/contracts';
import { CONFIG, LOGGER, Shutdown } from '@isobar/service-kit';
import { Module } from '@nestjs/common';
import type { Logger } from 'pino';
import type { SensorSimConfig } from '../config.js';
import { FleetController } from './fleet.controller.js';
import { Fleet } from './fleet.js';

@Module({
  controllers: [FleetController],
  providers: [
    {
      provide: CityCatalog,
      inject: [CONFIG, LOGGER, Shutdown],
      useFactory: (config: SensorSimConfig, logger: Logger, shutdown: Shutdown) => {
        const catalog = new CityCatalog(citiesFiles(config), {
          onProblem: (error) =>
            logger.error({ file: error.file, problems: error.problems }, 'the changed cities file is ignored'),
        });
        shutdown.register('connections', 'cities', () => catalog.close());
        return catalog;
      },
    },
    {
      provide: Fleet,
      inject: [CONFIG, CityCatalog, LOGGER],
      useFactory: (config: SensorSimConfig, catalog: CityCatalog, logger: Logger) => {
        const fleet = new Fleet(config.SENSORS_PER_CITY, config.SENSOR_SEED);
        fleet.standIn(catalog.all());
        catalog.onChange(({ added, removed }) => {
          fleet.standIn(catalog.all());
          logger.info({ added: added.map(({ id }) => id), removed: removed.map(({ id }) => id) }, 'cities changed');
        });
        return fleet;
      },
    },
  ],
  exports: [Fleet, CityCatalog],
})
export class FleetModule {}
