import { Module, type DynamicModule } from '@nestjs/common';
import { TerminusModule } from '@nestjs/terminus';
import type { Logger } from 'pino';
import { CONFIG } from './config/service-config.js';
import { HealthController } from './health/health.controller.js';
import { Readiness } from './health/readiness.js';
import { LOGGER } from './log/create-logger.js';
import { Metrics } from './metrics/metrics.js';
import { MetricsController } from './metrics/metrics.controller.js';
import { Shutdown } from './shutdown/shutdown.js';

/** What every slice may inject: the checked settings, the logger, readiness, metrics and the ordered stop. */
@Module({})
export class ServiceKitModule {
  static forService(options: { name: string; config: unknown; logger: Logger }): DynamicModule {
    const { name, config, logger } = options;
    return {
      module: ServiceKitModule,
      global: true,
      imports: [TerminusModule.forRoot({ logger: false })],
      controllers: [HealthController, MetricsController],
      providers: [
        { provide: CONFIG, useValue: config },
        { provide: LOGGER, useValue: logger },
        { provide: Readiness, useFactory: () => new Readiness() },
        { provide: Metrics, useFactory: () => new Metrics(name) },
        { provide: Shutdown, useFactory: () => new Shutdown(logger) },
      ],
      exports: [CONFIG, LOGGER, Readiness, Metrics, Shutdown],
    };
  }
}
