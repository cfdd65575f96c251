import { randomFreePorts } from '@isobar/local-stack/testing';
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { repositoryRoot } from '../machine.js';
import { sinkStatement, sourceStatements, type BenchTopology, type InputTopic } from './topologies.js';
import type { BenchFormat } from './value-formats.js';

export type SideName = 'isobar' | 'kafka-streams';

/** A process that runs one topology. */
export interface RunningSide {
  readonly pid: number;
  /** The consumer group whose committed offsets tell how far it is. */
  readonly group: string;
  /** From exec to ready, ms; only for a server. */
  readonly readyMs: number | undefined;
  readonly restingRssMb: number | undefined;
  /** The end of what it printed. */
  output(): string;
  stop(): Promise<void>;
}

export interface SideOptions {
  readonly topology: BenchTopology;
  readonly brokers: string;
  /** Sets the topics and groups of one run apart. */
  readonly runId: string;
  readonly topicOf: (input: InputTopic) => string;
  readonly outTopic: string;
  readonly format: BenchFormat;
  /** Of the registry that holds the schemas of formats that have them. */
  readonly registryUrl: string;
  readonly peerClassPath: string;
  /** RocksDB, as Kafka Streams and ksqlDB have it by default, or memory. */
  readonly peerStores: 'rocksDB' | 'in_memory';
  readonly nodeOptions: readonly string[];
  readonly onServerReady?: ((pid: number) => Promise<number>) | undefined;
}

const MAIN = join(repositoryRoot, 'apps', 'ksql-server', 'dist', 'main.js');

export const startSide: Readonly<Record<SideName, (options: SideOptions) => Promise<RunningSide>>> = {
  isobar: startIsobar,
  'kafka-streams': startPeer,
};

async function startIsobar(options: SideOptions): Promise<RunningSide> {
  const { topology, brokers, runId, topicOf, outTopic, format, registryUrl, nodeOptions } = options;
  const [port = 0] = await randomFreePorts(1);
  const url = `http://127.0.0.1:${port}`;
  const startedMs = performance.now();
  const child = start(process.execPath, [...nodeOptions, MAIN], {
    KAFKA_BROKERS: brokers,
    KSQL_SERVICE_ID: `${runId}_`,
    KSQL_COMMIT_INTERVAL_MS: '100',
    LOG_LEVEL: 'warn',
    SCHEMA_REGISTRY_URL: registryUrl,
    // As the native runtime starts it.
    NODE_COMPILE_CACHE: join(repositoryRoot, '.isobar', 'cache', 'node'),
    PORT: String(port),
  });
  await until(child, async () => (await fetch(`${url}/readyz`)).ok);
  const readyMs = performance.now() - startedMs;
  const restingRssMb = await options.onServerReady?.(child.process.pid ?? 0);
  const ksql = async (sql: string): Promise<unknown> => {
    const response = await fetch(`${url}/ksql`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ ksql: sql, streamsProperties: { 'auto.offset.reset': 'earliest' } }),
    });
    const body: unknown = await response.json();
    if (!response.ok) throw new Error(`${sql}\n${JSON.stringify(body)}`);
    return body;
  };
  await ksql(sourceStatements(topology, topicOf, format));
  await ksql(sinkStatement(topology, outTopic, format));
  const [queries] = (await ksql('SHOW QUERIES;')) as [{ queries: readonly { id: string }[] }];
  const queryId = queries.queries[0]?.id ?? '';
  return {
    pid: child.process.pid ?? 0,
    group: `_confluent-ksql-${runId}_query_${queryId}`,
    readyMs,
    restingRssMb,
    output: child.output,
    stop: child.stop,
  };
}

async function startPeer(options: SideOptions): Promise<RunningSide> {
  const { topology, brokers, runId, topicOf, outTopic, peerClassPath, peerStores } = options;
  const stateFolder = mkdtempSync(join(tmpdir(), 'isobar-bench-'));
  const topics = [...topology.inputs.map((input) => `${input}=${topicOf(input)}`), `out=${outTopic}`];
  const child = start(
    process.env['JAVA_HOME'] ? join(process.env['JAVA_HOME'], 'bin', 'java') : 'java',
    [
      '-Xmx1g',
      '-Dorg.slf4j.simpleLogger.defaultLogLevel=warn',
      '-cp',
      peerClassPath,
      'dev.isobar.bench.Peer',
      topology.name,
      brokers,
      runId,
      stateFolder,
      peerStores,
    ].concat(topics),
    {},
  );
  return {
    pid: child.process.pid ?? 0,
    group: runId,
    readyMs: undefined,
    restingRssMb: undefined,
    output: child.output,
    stop: async () => {
      await child.stop();
      rmSync(stateFolder, { recursive: true, force: true });
    },
  };
}

interface Child {
  readonly process: ChildProcess;
  readonly output: () => string;
  readonly stop: () => Promise<void>;
}

function start(file: string, args: readonly string[], environment: Readonly<Record<string, string>>): Child {
  const child = spawn(file, args, {
    env: { PATH: process.env['PATH'] ?? '', ...environment },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (chunk: Buffer) => {
      output = (output + chunk.toString()).slice(-5_000);
    });
  }
  const killOnExit = (): void => void child.kill('SIGKILL');
  process.once('exit', killOnExit);
  const isOver = () => child.exitCode !== null || child.signalCode !== null;
  return {
    process: child,
    output: () => output,
    stop: async () => {
      process.removeListener('exit', killOnExit);
      if (isOver()) throw new Error(`the process under test ended early:\n${output}`);
      const ended = once(child, 'exit');
      child.kill('SIGTERM');
      const timer = setTimeout(() => child.kill('SIGKILL'), 20_000);
      await ended;
      clearTimeout(timer);
    },
  };
}

async function until(child: Child, isReady: () => Promise<boolean>): Promise<void> {
  const deadlineMs = performance.now() + 60_000;
  while (performance.now() < deadlineMs) {
    if (child.process.exitCode !== null) throw new Error(`ended early:\n${child.output()}`);
    if (await isReady().catch(() => false)) return;
    await delay(10);
  }
  throw new Error(`not ready after a minute:\n${child.output()}`);
}
