// The program of a thread that runs queries: its own connections, everything else as the server has it.
import { createFunctionRegistry } from '@isobar/ksql-engine';
import { KafkaBroker } from '@isobar/ksql-engine/kafka';
import { Checkpoints, DiskState, serveQueries } from '@isobar/ksql-engine/node';
import { workerData } from 'node:worker_threads';
import { DeadLetters } from './processing/dead-letters.js';

/** What a thread is told when it is made. */
export interface QueryThreadData {
  readonly bootstrap: readonly string[];
  readonly serviceId: string;
  readonly config: Readonly<Record<string, string>>;
  readonly commitIntervalMs: number;
  readonly internalTopicReplicas: number;
  readonly transactionalIdPrefix: string;
  /** The folder of the server, which has it to itself; state is in memory where there is none. */
  readonly stateFolder: string | undefined;
}

const { bootstrap, serviceId, stateFolder, ...data } = workerData as QueryThreadData;
const broker = new KafkaBroker({ bootstrap, clientId: 'ksql-server' });
const deadLetters = new DeadLetters(() => Date.now());
serveQueries({
  ...data,
  broker,
  checkpoints: new Checkpoints(broker, serviceId, data.internalTopicReplicas),
  clock: { nowMs: () => Date.now() },
  random: { next: () => Math.random() },
  functions: createFunctionRegistry(),
  states: stateFolder === undefined ? undefined : new DiskState(stateFolder),
  // Queries that need one run where requests are answered.
  schemas: undefined,
  deadLetter: (entry) => deadLetters.of(entry),
});
