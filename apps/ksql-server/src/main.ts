import { ConfigError, createLogger } from '@isobar/service-kit/plain';
import { ksqlProperties, readServerConfig } from './config.js';
import { startServer } from './start-server.js';

try {
  const config = readServerConfig(process.env);
  const log = createLogger('ksql-server', config.LOG_LEVEL);
  const server = await startServer({ config, properties: ksqlProperties(process.env), log });
  let isStopping = false;
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.on(signal, () => {
      if (isStopping) return;
      isStopping = true;
      log.info({ signal }, 'stopping: queries commit, then the server ends');
      server.stop().then(
        () => process.exit(0),
        (error: unknown) => {
          log.error({ err: error }, 'the stop failed');
          process.exit(1);
        },
      );
    });
  }
} catch (error) {
  process.stderr.write(
    `${error instanceof ConfigError ? error.message : String(error instanceof Error ? error.stack : error)}\n`,
  );
  process.exit(1);
}
