import { Module, type INestApplication, type Type } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import type { NestExpressApplication } from '@nestjs/platform-express';
import type { Logger } from 'pino';
import type { z } from 'zod';
import { readConfig } from './config/read-config.js';
import type { ServiceConfig } from './config/service-config.js';
import { commonRoutes, guardRequests, guardUpgrades } from './guard/guard-service.js';
import { guardPolicyFrom } from './guard/guard-settings.js';
import { createRequestGuard } from './guard/request-guard.js';
import type { RouteExceptions } from './guard/route-access.js';
import { Readiness } from './health/readiness.js';
import { Connections } from './http/connections.js';
import { methodNotAllowed } from './http/method-not-allowed.js';
import { serveOpenApi, type ApiDescription } from './http/openapi.js';
import { requestLog } from './http/request-id.js';
import { createLogger } from './log/create-logger.js';
import { NestLogger } from './log/nest-logger.js';
import { ProblemFilter } from './problems/problem.filter.js';
import { ServiceKitModule } from './service-kit.module.js';
import { Shutdown } from './shutdown/shutdown.js';

export interface ServiceOptions<Schema extends z.ZodObject> {
  /** The process' name in logs, metrics and messages. */
  readonly name: string;
  /** The wiring of the service's slices. */
  readonly module: Type<unknown>;
  /** `serviceConfig(port)`, extended with the service's own variables. */
  readonly config: Schema;
  /** Present when the service has REST of its own. */
  readonly api?: ApiDescription;
  /** Routes that are not what their method says: GET reads data, everything else changes something. */
  readonly routes?: RouteExceptions;
  /** Media types of bodies besides JSON, such as `text/csv`; their routes read them themselves. */
  readonly bodyTypes?: readonly string[];
  /** Last touch before listening, for what only the application object can do. */
  readonly prepare?: (app: NestExpressApplication) => void | Promise<void>;
}

/** A service that answers: its address, and the ordered stop (true when everything stopped cleanly). */
export interface RunningService {
  readonly app: INestApplication;
  readonly logger: Logger;
  readonly url: string;
  readonly stop: () => Promise<boolean>;
}

/** How long open requests may take once the service stops; a live feed never ends by itself. */
const openRequestsMs = 2_000;

/**
 * Reads the settings, wires the module and listens.
 *
 * @throws ConfigError with every wrong setting; the system's own error when the port is taken.
 */
export async function createService<Schema extends z.ZodObject>(
  options: ServiceOptions<Schema>,
  environment: Readonly<Record<string, string | undefined>> = process.env,
): Promise<RunningService> {
  const config = readConfig(options.name, options.config, environment) as z.output<Schema> & ServiceConfig;
  const policy = guardPolicyFrom(options.name, config, {
    bodies: 'json',
    ...(options.bodyTypes === undefined ? {} : { bodyTypes: options.bodyTypes }),
    routes: { ...commonRoutes, ...options.routes },
  });
  const guard = createRequestGuard(policy);
  const logger = createLogger(options.name, config.LOG_LEVEL);

  @Module({ imports: [ServiceKitModule.forService({ name: options.name, config, logger }), options.module] })
  class ServiceModule {}

  const app = await NestFactory.create<NestExpressApplication>(ServiceModule, {
    logger: new NestLogger(logger),
    abortOnError: false,
    forceCloseConnections: true,
  });
  app.disable('x-powered-by');
  const connections = app.get(Connections);
  connections.watch(app.getHttpServer());
  app.use(connections.refuseBeyond());
  app.use(requestLog(logger));
  app.use(guardRequests(guard));
  guardUpgrades(app.getHttpServer(), guard);
  app.use(methodNotAllowed(app));
  app.useGlobalFilters(new ProblemFilter(logger));
  if (options.api !== undefined) serveOpenApi(app, options.api, policy.credentials !== undefined);
  await options.prepare?.(app);

  const shutdown = app.get(Shutdown);
  const readiness = app.get(Readiness);
  shutdown.register('accepting', 'http', () => closeServer(app));
  try {
    await app.listen(config.PORT, config.HOST);
  } catch (error) {
    await shutdown.run();
    await app.close().catch(() => undefined);
    throw error;
  }
  const url = (await app.getUrl()).replace('[::1]', 'localhost');
  logger.info({ url }, 'listening');

  const stop = async (): Promise<boolean> => {
    readiness.stopping();
    const isClean = await shutdown.run();
    await app.close();
    return isClean;
  };
  return { app, logger, url, stop };
}

async function closeServer(app: NestExpressApplication): Promise<void> {
  const server = app.getHttpServer();
  if (!server.listening) return;
  const closed = new Promise<void>((resolve) => server.close(() => resolve()));
  server.closeIdleConnections();
  const timer = setTimeout(() => server.closeAllConnections(), openRequestsMs);
  await closed;
  clearTimeout(timer);
}
