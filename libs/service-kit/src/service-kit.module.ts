import { Module, type DynamicModule } from '@nestjs/common';
import { ConfigModule } from '@nestjs/config';
import { ScheduleModule } from '@nestjs/schedule';
import { TerminusModule } from '@nestjs/terminus';
import type { Logger } from 'pino';
import { loadSettings } from './config/config-token.js';
import type { ServiceConfig } from './config/service-config.js';
import { HealthController } from './health/health.controller.js';
import { HealthVerdict } from './health/health-verdict.js';
import { Readiness } from './health/readiness.js';
import { Connections } from './http/connections.js';
import { LOGGER } from './log/create-logger.js';
import { Metrics } from './metrics/metrics.js';
import { MetricsController } from './metrics/metrics.controller.js';
import { Shutdown } from './shutdown/shutdown.js';

/**
 * What every slice may inject: the checked settings (`ConfigService` of `@nestjs/config`, typed by the service's own schema), the
 * logger, readiness, metrics and the ordered stop. Methods may be marked with `@Interval` and `@Cron` of `@nestjs/schedule`.
 */
@Module({})
export class ServiceKitModule {
  static forService(options: {
    name: string;
    config: Readonly<Record<string, unknown>> & ServiceConfig;
    logger: Logger;
  }): DynamicModule {
    const { name, config, logger } = options;
    return {
      module: ServiceKitModule,
      global: true,
      imports: [
        // The schema has checked and converted the environment already; nothing else is read, and nothing is written back to it.
        ConfigModule.forRoot({
          isGlobal: true,
          cache: true,
          ignoreEnvFile: true,
          validatePredefined: false,
          skipProcessEnv: true,
          load: loadSettings(config),
        }),
        ScheduleModule.forRoot(),
        TerminusModule.forRoot({ logger: false }),
      ],
      controllers: [HealthController, MetricsController],
      providers: [
        HealthVerdict,
        { provide: LOGGER, useValue: logger },
        { provide: Readiness, useFactory: () => new Readiness() },
        { provide: Metrics, useFactory: () => new Metrics(name) },
        { provide: Shutdown, useFactory: () => new Shutdown(logger) },
        {
          provide: Connections,
          inject: [Metrics, Readiness, Shutdown],
          useFactory: (metrics: Metrics, readiness: Readiness, shutdown: Shutdown) =>
            new Connections(
              { connections: config.HTTP_CONNECTIONS_MAX, slowReaderMs: config.HTTP_SLOW_READER_MS },
              metrics,
              readiness,
              shutdown,
              logger,
            ),
        },
      ],
      exports: [LOGGER, Connections, Readiness, Metrics, Shutdown],
    };
  }
}
