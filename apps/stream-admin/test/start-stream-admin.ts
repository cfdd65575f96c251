import type { TestStack } from '@isobar/local-stack/testing';
import { createService, type RunningService } from '@isobar/service-kit';
import { join } from 'node:path';
import { streamAdminService } from '../src/app.module.js';

/** stream-admin on the broker of `stack`, over the folders `ksql` and `connectors` of `folder`. */
export const startStreamAdmin = (
  folder: string,
  stack: TestStack,
  environment: Readonly<Record<string, string>>,
): Promise<RunningService> =>
  createService(streamAdminService, {
    PORT: '0',
    LOG_LEVEL: 'silent',
    KAFKA_BROKERS: stack.kafkaBrokers,
    KSQL_DIR: join(folder, 'ksql'),
    // Files of specs have no tests beside them.
    KSQL_LINT: 'tell',
    CONNECTORS_DIR: join(folder, 'connectors'),
    ...environment,
  });
