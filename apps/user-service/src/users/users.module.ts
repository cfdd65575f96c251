import { CityCatalog } from '@isobar/contracts';
import { CONFIG, LOGGER, Shutdown } from '@isobar/service-kit';
import { Module } from '@nestjs/common';
import { getRepositoryToken, TypeOrmModule } from '@nestjs/typeorm';
import type { Logger } from 'pino';
import type { Repository } from 'typeorm';
import type { UserServiceConfig } from '../config.js';
import { Database } from '../database/database.js';
import { User } from './user.entity.js';
import { UsersController } from './users.controller.js';
import { Users } from './users.js';

@Module({
  imports: [TypeOrmModule.forFeature([User])],
  controllers: [UsersController],
  providers: [
    {
      provide: CityCatalog,
      inject: [CONFIG, LOGGER, Shutdown],
      useFactory: (config: UserServiceConfig, logger: Logger, shutdown: Shutdown) => {
        const catalog = new CityCatalog(config.CITIES_FILE, {
          onProblem: (error) =>
            logger.error({ file: error.file, problems: error.problems }, 'the changed cities file is ignored'),
        });
        shutdown.register('connections', 'cities', () => catalog.close());
        return catalog;
      },
    },
    {
      provide: Users,
      inject: [getRepositoryToken(User), CityCatalog, Database],
      useFactory: (repository: Repository<User>, catalog: CityCatalog, database: Database) =>
        new Users(repository, catalog, database),
    },
  ],
})
export class UsersModule {}
