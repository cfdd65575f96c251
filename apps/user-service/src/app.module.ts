import type { ServiceOptions } from '@isobar/service-kit';
import { Module } from '@nestjs/common';
import { DatabaseModule } from './database/database.module.js';
import { ReplicationModule } from './replication/replication.module.js';
import { UsersModule } from './users/users.module.js';
import { configSchema } from './config.js';

@Module({ imports: [DatabaseModule, UsersModule, ReplicationModule] })
export class AppModule {}

export const userService: ServiceOptions<typeof configSchema> = {
  name: 'user-service',
  module: AppModule,
  config: configSchema,
  api: {
    title: 'User service',
    description: 'The people, where they live, and when the weather is too much for them.',
  },
};
