import { KafkaTransport } from '@isobar/kafka/nest';
import type { ServiceOptions } from '@isobar/service-kit';
import { Module } from '@nestjs/common';
import { AlertsController } from './alerts/alerts.controller.js';
import { ConditionsModule } from './conditions/conditions.module.js';
import { dashboardConfig } from './config.js';
import { FeedModule } from './feed/feed.module.js';
import { servePage } from './page/serve-page.js';

@Module({ imports: [ConditionsModule, FeedModule], controllers: [AlertsController] })
class AppModule {}

export const dashboardService: ServiceOptions<typeof dashboardConfig> = {
  name: 'dashboard',
  module: AppModule,
  config: dashboardConfig,
  api: {
    title: 'Dashboard',
    description: 'Live conditions of cities and people, as JSON and as a feed of events.',
  },
  routes: { 'GET /': 'page', 'GET /index.html': 'page' },
  prepare: async (app) => {
    servePage(app);
    await KafkaTransport.connect(app, app.get(KafkaTransport));
  },
};
