// The program of a thread that runs queries: its own connections, everything else as the server has it.
import { createFunctionRegistry } from '@isobar/ksql-engine';
import { KafkaBroker } from '@isobar/ksql-engine/kafka';
import { Checkpoints, DiskState, KnownSchemas, serveQueries } from '@isobar/ksql-engine/node';
import { workerData } from 'node:worker_threads';
import { DeadLetters } from './processing/dead-letters.js';
import { openSchemaRegistry } from './schema-registry.js';

/** What a thread is told when it is made. */
export interface QueryThreadData {
  readonly bootstrap: readonly string[];
  readonly serviceId: string;
  readonly config: Readonly<Record<string, string>>;
  /** What names the schema registry beside the configuration. */
  readonly registry: Parameters<typeof openSchemaRegistry>[1];
  readonly commitIntervalMs: number;
  readonly internalTopicReplicas: number;
  readonly transactionalIdPrefix: string;
  /** The folder of the server, which has it to itself; state is in memory where there is none. */
  readonly stateFolder: string | undefined;
}

const { bootstrap, serviceId, stateFolder, registry, ...data } = workerData as QueryThreadData;
const broker = new KafkaBroker({ bootstrap, clientId: 'ksql-server' });
const clock = { nowMs: () => Date.now() };
const schemas = openSchemaRegistry(data.config, registry);
const deadLetters = new DeadLetters(() => Date.now());
serveQueries({
  ...data,
  broker,
  checkpoints: new Checkpoints(broker, serviceId, data.internalTopicReplicas),
  clock,
  random: { next: () => Math.random() },
  functions: createFunctionRegistry(),
  states: stateFolder === undefined ? undefined : new DiskState(stateFolder),
  schemas: schemas && new KnownSchemas(schemas, clock),
  deadLetter: (entry) => deadLetters.of(entry),
});
