import type { ServiceOptions } from '@isobar/service-kit';
import { Module } from '@nestjs/common';
import { AlertsModule } from './alerts/alerts.module.js';
import { SignalTransport } from './alerts/signals/signal-transport.js';
import { importTypes } from './imports/imports.controller.js';
import { DatabaseModule } from './database/database.module.js';
import { ReplicationModule } from './replication/replication.module.js';
import { RetentionModule } from './retention/retention.module.js';
import { UsersModule } from './users/users.module.js';
import { DeliveryModule } from './delivery/delivery.module.js';
import { configSchema } from './config.js';

@Module({ imports: [DatabaseModule, UsersModule, AlertsModule, DeliveryModule, ReplicationModule, RetentionModule] })
export class AppModule {}

export const userService: ServiceOptions<typeof configSchema> = {
  name: 'user-service',
  module: AppModule,
  config: configSchema,
  api: {
    title: 'User service',
    description: 'The people, where they are, when the weather is too much for them, and their alerts.',
  },
  bodyTypes: Object.keys(importTypes),
  routes: {
    'GET /email/confirm': 'link',
    'POST /email/confirm': 'link',
    'GET /email/unsubscribe': 'link',
    'POST /email/unsubscribe': 'link',
  },
  prepare: (app) => app.get(SignalTransport).connect(app),
};
