import { citiesFiles, CityCatalog } from '@isobar/contracts';
import { LOGGER, Shutdown } from '@isobar/service-kit';
import { Module } from '@nestjs/common';
import { ConfigService } from '@nestjs/config';
import type { Logger } from 'pino';
import type { UserServiceConfig } from '../config.js';
import { Database } from '../database/database.js';
import { Idempotency } from '../idempotency/idempotency.js';
import { Imports } from '../imports/imports.js';
import { ImportsController } from '../imports/imports.controller.js';
import { PlacesController } from '../places/places.controller.js';
import { Places } from '../places/places.js';
import { RulesController } from '../rules/rules.controller.js';
import { Rules } from '../rules/rules.js';
import { UsersController } from './users.controller.js';
import { Users } from './users.js';

@Module({
  controllers: [UsersController, PlacesController, RulesController, ImportsController],
  providers: [
    {
      provide: CityCatalog,
      inject: [ConfigService, LOGGER, Shutdown],
      useFactory: (config: ConfigService<UserServiceConfig, true>, logger: Logger, shutdown: Shutdown) => {
        const files = citiesFiles({
          CITIES_FILE: config.get('CITIES_FILE', { infer: true }),
          CITIES_ADDED_FILE: config.get('CITIES_ADDED_FILE', { infer: true }),
        });
        const catalog = new CityCatalog(files, {
          onProblem: (error) =>
            logger.error({ file: error.file, problems: error.problems }, 'the changed cities file is ignored'),
        });
        shutdown.register('connections', 'cities', () => catalog.close());
        return catalog;
      },
    },
    {
      provide: Users,
      inject: [CityCatalog, Database],
      useFactory: (catalog: CityCatalog, database: Database) => new Users(catalog, database),
    },
    {
      provide: Places,
      inject: [CityCatalog, Database],
      useFactory: (catalog: CityCatalog, database: Database) => new Places(catalog, database),
    },
    {
      provide: Imports,
      inject: [CityCatalog, Database],
      useFactory: (catalog: CityCatalog, database: Database) => new Imports(catalog, database),
    },
    { provide: Idempotency, inject: [Database], useFactory: (database: Database) => new Idempotency(database) },
    { provide: Rules, inject: [Database], useFactory: (database: Database) => new Rules(database) },
  ],
})
export class UsersModule {}
