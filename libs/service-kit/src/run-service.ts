import type { z } from 'zod';
import { ConfigError } from './config/read-config.js';
import { createService, type ServiceOptions } from './create-service.js';

/** A stop that takes longer is cut: whoever supervises the process would do so less gently. */
const stopLimitMs = 12_000;

/**
 * Runs a service until SIGTERM or SIGINT: exit code 0 after an ordered stop, 1 when it cannot start (with every wrong setting in
 * one message on standard error) or cannot stop in order.
 */
export async function runService<Schema extends z.ZodObject>(options: ServiceOptions<Schema>): Promise<void> {
  // A signal that comes during the start still means: stop.
  let stopRequested: NodeJS.Signals | undefined;
  let onSignal = (signal: NodeJS.Signals): void => {
    stopRequested = signal;
  };
  for (const signal of ['SIGTERM', 'SIGINT'] as const) process.on(signal, () => onSignal(signal));

  let service;
  try {
    service = await createService(options);
  } catch (error) {
    process.stderr.write(`${startFailure(options.name, error)}\n`);
    process.exit(1);
  }
  const { logger, stop } = service;

  let isStopping = false;
  onSignal = (signal) => {
    if (isStopping) return;
    isStopping = true;
    logger.info({ signal }, 'stopping');
    const limit = setTimeout(() => {
      logger.fatal({ stopLimitMs }, 'the ordered stop took too long');
      process.exit(1);
    }, stopLimitMs);
    limit.unref();
    void stop().then(
      (isClean) => {
        clearTimeout(limit);
        logger.info('stopped');
        process.exit(isClean ? 0 : 1);
      },
      (error: unknown) => {
        logger.fatal({ err: error }, 'could not stop in order');
        process.exit(1);
      },
    );
  };
  if (stopRequested !== undefined) onSignal(stopRequested);

  // A bug: nobody knows what state the process is in, so it says what happened and lets its supervisor start a fresh one.
  const onBug = (kind: string) => (error: unknown) => {
    logger.fatal({ err: error }, kind);
    process.exit(1);
  };
  process.on('uncaughtException', onBug('uncaught exception'));
  process.on('unhandledRejection', onBug('unhandled rejection'));
}

function startFailure(service: string, error: unknown): string {
  if (error instanceof ConfigError) return error.message;
  if (error instanceof Error && 'code' in error && error.code === 'EADDRINUSE') {
    const port = 'port' in error ? String(error.port) : '';
    return `${service} cannot start: port ${port} is in use. Stop the other process, or set PORT to a free port (0: any).`;
  }
  if (error instanceof Error && 'code' in error && (error.code === 'EACCES' || error.code === 'EADDRNOTAVAIL'))
    return `${service} cannot start: ${error.message}. Check HOST and PORT.`;
  return `${service} cannot start: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`;
}
