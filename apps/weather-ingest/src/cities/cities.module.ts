import { citiesFiles, CityCatalog } from '@isobar/contracts';
import { CONFIG, LOGGER, Shutdown } from '@isobar/service-kit';
import { Global, Module } from '@nestjs/common';
import type { Logger } from 'pino';
import type { WeatherIngestConfig } from '../config.js';
import { Places } from '../nws/places.js';
import { CitiesController } from './cities.controller.js';
import { EditCities } from './edit-cities.js';

/** How long the weather service may take to say whether it serves a place. */
const patienceMs = 8_000;

@Global()
@Module({
  controllers: [CitiesController],
  providers: [
    {
      provide: CityCatalog,
      inject: [CONFIG, LOGGER, Shutdown],
      useFactory: (config: WeatherIngestConfig, logger: Logger, shutdown: Shutdown) => {
        const catalog = new CityCatalog(citiesFiles(config), {
          onProblem: (error) =>
            logger.error({ file: error.file, problems: error.problems }, 'the changed cities file is ignored'),
        });
        catalog.onChange(({ added, removed }) =>
          logger.info({ added: added.map(({ id }) => id), removed: removed.map(({ id }) => id) }, 'cities changed'),
        );
        shutdown.register('connections', 'cities', () => catalog.close());
        return catalog;
      },
    },
    {
      provide: EditCities,
      inject: [CityCatalog, Places, CONFIG],
      useFactory: (catalog: CityCatalog, places: Places, config: WeatherIngestConfig) =>
        new EditCities(catalog, places, {
          ...citiesFiles(config),
          asksWeatherService: config.WEATHER_MODE !== 'sample',
          patienceMs,
        }),
    },
  ],
  exports: [CityCatalog],
})
export class CitiesModule {}
