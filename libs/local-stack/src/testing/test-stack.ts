import { type ChildProcess, spawn } from 'node:child_process';
import { Socket } from 'node:net';
import { chmodSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { createHome, stackHome, type StackHome } from '../home.js';
import { findJava } from '../jvm/java.js';
import { keepArchive } from '../jvm/jvm-launch.js';
import { jvmPartsVerified, schemaRegistry } from '../jvm/jvm-parts.js';
import type { Part } from '../part.js';
import { connectPart } from '../parts/connect.js';
import { kafkaPart } from '../parts/kafka.js';
import { databaseUrl, postgresDataFolder, postgresPart } from '../parts/postgres.js';
import { registryPart, registryUrl } from '../parts/registry.js';
import { randomFreePorts } from '../ports.js';
import { PartProcess } from '../process/part-process.js';
import { loadSecrets } from '../secrets.js';

export type TestPart = 'kafka' | 'postgres' | 'connect' | 'registry';

/** Why no schema registry can be had on this machine; undefined where one can. Its files are fetched only when somebody asks. */
export async function registryMissing(): Promise<string | undefined> {
  const home = stackHome();
  if (findJava(home) === undefined) return 'needs Java 17';
  return (await jvmPartsVerified(home, schemaRegistry)) ? undefined : 'needs npx isobar setup --with registry';
}

/** Real servers for one test file: own ports, own temporary folder. */
export interface TestStack {
  /** `host:port` of the broker. */
  readonly kafkaBrokers: string;
  /** PostgreSQL's `isobar` database as its owner, password included. */
  readonly databaseUrl: string;
  /** Base address of Connect's REST interface. */
  readonly connectUrl: string;
  /** Base address of the schema registry, in Confluent's words. */
  readonly registryUrl: string;
  /** The temporary folder; `logs/PART.log` is what a part said. */
  readonly folder: string;
  /** Ends a part at once, as a crash would (SIGKILL). */
  kill(part: TestPart): Promise<void>;
  /** Starts a part that was killed, on the same port and data, and waits until it is ready. */
  restart(part: TestPart): Promise<void>;
  /** Stops everything and removes the folder. */
  stop(): Promise<void>;
}

const readyTimeoutMs = 90_000;
/**
 * Tests write records of fixed times, years ago. A broker with Kafka's own retention of a week deletes them where it happens to look,
 * half a minute after its start and every five minutes: in the middle of a test on a busy machine.
 */
const keepAll = { 'log.retention.ms': '-1' };

/**
 * Starts the named parts and resolves when all of them are ready (Kafka about 3 s, PostgreSQL about 1 s, the registry about 5 s after it).
 * Connect needs Kafka, and the registry PostgreSQL.
 * @throws when a part ends before it is ready, with the end of its log
 */
export async function startTestStack({
  parts: names,
  kafkaProperties,
  parent = tmpdir(),
}: {
  readonly parts: readonly TestPart[];
  /** Broker properties on top of the usual ones. */
  readonly kafkaProperties?: Readonly<Record<string, string>>;
  /** Where its folder is made: of a file system of its own, for example. */
  readonly parent?: string | undefined;
}): Promise<TestStack> {
  const folder = mkdtempSync(join(parent, 'isobar-test-'));
  chmodSync(folder, 0o755); // PostgreSQL may run as another user, who has to get in
  const home = stackHome(folder);
  createHome(home);
  const parts = await createParts(home, names, { ...keepAll, ...kafkaProperties });
  const processes = new Map<TestPart, PartProcess>();
  const watchdog = startWatchdog(folder);
  const start = async (name: TestPart): Promise<void> => {
    processes.set(name, await startPart(part(name), home, watchdog));
  };
  const part = (name: TestPart): Part => {
    const found = parts.get(name);
    if (found === undefined) throw new Error(`The test stack was started without ${name}`);
    return found;
  };
  const stopAll = async (): Promise<void> => {
    const latestFirst = [...parts.values()].sort((a, b) => b.stopRank - a.stopRank);
    for (const { name, stop } of latestFirst) await processes.get(name as TestPart)?.stop(stop);
    watchdog.kill('SIGKILL');
    rmSync(postgresDataFolder(home), { recursive: true, force: true });
    rmSync(folder, { recursive: true, force: true });
  };
  const started = new Map<string, Promise<void>>();
  for (const [name, { startsAfter }] of [...parts].sort(([, a], [, b]) => a.startsAfter.length - b.startsAfter.length))
    started.set(
      name,
      Promise.all(startsAfter.flatMap((blocker) => started.get(blocker) ?? [])).then(() => start(name)),
    );
  const starts = await Promise.allSettled(started.values());
  const failure = starts.find((result) => result.status === 'rejected');
  if (failure !== undefined) {
    await stopAll();
    throw failure.reason;
  }
  return {
    get kafkaBrokers() {
      return part('kafka').address;
    },
    get databaseUrl() {
      return databaseUrl(Number(new URL(`http://${part('postgres').address}`).port), loadSecrets(home));
    },
    get connectUrl() {
      return part('connect').address;
    },
    get registryUrl() {
      return registryUrl(Number(new URL(part('registry').address).port));
    },
    folder,
    async kill(name) {
      await processes.get(name)?.kill();
    },
    async restart(name) {
      await start(name);
    },
    async stop() {
      await stopAll();
    },
  };
}

/**
 * A shell that is told each process and outlives a test run that is killed: when its input ends with us, it ends those processes
 * and removes the folder. (Jest does not pass on the exit event of its process, and a kill has none.)
 */
function startWatchdog(folder: string): ChildProcess {
  const script =
    'while read -r pid; do pids="$pids $pid"; done; for pid in $pids; do kill -s KILL -- "-$pid"; done; sleep 1; rm -rf "$0"';
  const watchdog = spawn('/bin/sh', ['-c', script, folder], { stdio: ['pipe', 'ignore', 'ignore'], detached: true });
  watchdog.unref();
  // It may end while we write, which is no error of ours.
  watchdog.stdin?.on('error', () => undefined);
  if (watchdog.stdin instanceof Socket) watchdog.stdin.unref();
  return watchdog;
}

async function createParts(
  home: StackHome,
  names: readonly TestPart[],
  kafkaProperties: Readonly<Record<string, string>>,
): Promise<Map<TestPart, Part>> {
  const java = findJava(home);
  const needsJava = names.some((name) => name !== 'postgres');
  if (needsJava && (java === undefined || !(await jvmPartsVerified(home))))
    throw new Error('The JVM parts are not set up. Run: node tools/setup.mjs');
  const secrets = loadSecrets(home);
  const [kafkaPort = 0, controllerPort = 0, postgresPort = 0, connectPort = 0, registryPort = 0] =
    await randomFreePorts(5);
  const parts = new Map<TestPart, Part>();
  for (const name of names) {
    if (name === 'postgres') parts.set(name, postgresPart({ home, port: postgresPort, secrets }));
    else if (java !== undefined && name === 'kafka')
      parts.set(name, kafkaPart({ home, java, port: kafkaPort, controllerPort, properties: kafkaProperties }));
    else if (java !== undefined && name === 'registry')
      parts.set(name, registryPart({ home, java, port: registryPort, postgresPort, secrets }));
    else if (java !== undefined)
      parts.set(name, connectPart({ home, java, port: connectPort, kafkaPort, postgresPort, secrets }));
  }
  return parts;
}

async function startPart(part: Part, home: StackHome, watchdog: ChildProcess): Promise<PartProcess> {
  const logFile = join(home.logs, `${part.name}.log`);
  await part.prepare?.(AbortSignal.timeout(readyTimeoutMs));
  const { freshArchive, ...spec } = part.launch();
  const running = PartProcess.start(spec, logFile);
  watchdog.stdin?.write(`${running.pid}\n`);
  if (freshArchive !== undefined) void running.exited.then(() => keepArchive(freshArchive));
  const deadline = Date.now() + readyTimeoutMs;
  for (;;) {
    const { ready, sees } = await part.check();
    if (ready) break;
    if (running.exit !== undefined || Date.now() > deadline) {
      await running.kill();
      throw new Error(`${part.name} did not get ready (${sees}); the end of its log:\n${tail(logFile)}`);
    }
    await sleep(50);
  }
  await part.afterReady?.();
  return running;
}

const tail = (file: string): string => readFileSync(file, 'utf8').split('\n').slice(-15).join('\n');
