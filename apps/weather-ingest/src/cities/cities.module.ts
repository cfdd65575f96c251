import { CityCatalog } from '@isobar/contracts';
import { CONFIG, LOGGER, Shutdown } from '@isobar/service-kit';
import { Global, Module } from '@nestjs/common';
import type { Logger } from 'pino';
import type { WeatherIngestConfig } from '../config.js';

@Global()
@Module({
  providers: [
    {
      provide: CityCatalog,
      inject: [CONFIG, LOGGER, Shutdown],
      useFactory: (config: WeatherIngestConfig, logger: Logger, shutdown: Shutdown) => {
        const catalog = new CityCatalog(config.CITIES_FILE, {
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
  ],
  exports: [CityCatalog],
})
export class CitiesModule {}
