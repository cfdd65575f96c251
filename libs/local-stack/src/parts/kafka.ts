import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { StackHome } from '../home.js';
import type { JavaRuntime } from '../jvm/java.js';
import { classPath, jvmLaunch, log4j2Properties } from '../jvm/jvm-launch.js';
import { stretchedMs } from '../crowding.js';
import { aliveTimeoutMs, type Part, type Readiness } from '../part.js';
import { heldBackReaders } from './held-back-readers.js';
import { countBrokers } from './kafka-metadata.js';
import { openTransactions } from './open-transactions.js';

export interface KafkaOptions {
  readonly home: StackHome;
  readonly java: JavaRuntime;
  readonly port: number;
  readonly controllerPort: number;
  /** Broker properties on top of the usual ones. */
  readonly properties?: Readonly<Record<string, string>> | undefined;
}

/**
 * How long the broker may take to name itself, which costs it next to nothing. Together with the longest pause between two looks (5 s) it
 * is what a broker that hangs can be shown as ready: within ten seconds on the most crowded machine. A start that gets no answer asks again.
 */
export const brokerTimeoutMs = (crowding?: number): number => stretchedMs(3000, 1.5, crowding);

/** Apache Kafka in KRaft mode: one node, broker and controller. */
export function kafkaPart({ home, java, port, controllerPort, properties = {} }: KafkaOptions): Part {
  const dataFolder = join(home.data, 'kafka');
  const propertiesFile = join(home.config, 'kafka.properties');
  return {
    name: 'kafka',
    startsAfter: [],
    stopRank: 10,
    address: `127.0.0.1:${port}`,
    stop: { signal: 'SIGTERM', timeoutMs: 9000 },

    async prepare(signal) {
      mkdirSync(dataFolder, { recursive: true });
      writeFileSync(join(home.config, 'log4j2.properties'), log4j2Properties);
      const more = Object.entries(properties).map(([name, value]) => `${name}=${value}\n`);
      writeFileSync(propertiesFile, serverProperties(dataFolder, port, controllerPort) + more.join(''));
      if (!existsSync(join(dataFolder, 'meta.properties'))) await format(java, home, propertiesFile, signal);
    },

    launch: () =>
      jvmLaunch({
        java,
        home,
        role: 'broker',
        program: { mainClass: 'kafka.Kafka' },
        args: [propertiesFile],
        heapMaxMb: 384,
      }),

    async check() {
      try {
        const brokers = await countBrokers('127.0.0.1', port, brokerTimeoutMs());
        const seen = { ready: brokers > 0, sees: `${brokers} broker${brokers === 1 ? '' : 's'}` };
        return brokers > 0 ? { ...seen, ...(await lookForOpenTransactions(port)) } : seen;
      } catch {
        return { ready: false, sees: `port ${port} does not answer` };
      }
    },

    isAlive: () =>
      countBrokers('127.0.0.1', port, aliveTimeoutMs).then(
        () => true,
        () => false,
      ),
  };
}

/** Nobody of ours keeps a transaction open for longer: Connect and the engine commit every few seconds. */
const longMs = 12_000;

/** A transaction that nobody ends holds back who reads what is committed, and no part of the stack would say so. */
const lookForOpenTransactions = async (port: number): Promise<Pick<Readiness, 'trouble' | 'degraded'>> =>
  heldBackReaders(await openTransactions('127.0.0.1', port, longMs).catch(() => []));

/** Writes a new cluster id and the initial metadata into an empty data folder. */
async function format(java: JavaRuntime, home: StackHome, propertiesFile: string, signal: AbortSignal): Promise<void> {
  await promisify(execFile)(
    java.executable,
    [
      '-XX:TieredStopAtLevel=1',
      '-XX:+UseSerialGC',
      '-cp',
      classPath(home),
      'kafka.tools.StorageTool',
      'format',
      '-t',
      newClusterId(),
      '-c',
      propertiesFile,
      '--ignore-formatted',
    ],
    { timeout: 300_000, signal },
  );
}

/** Sixteen random bytes in base64url; a leading dash would read as an option. */
function newClusterId(): string {
  for (;;) {
    const id = randomBytes(16).toString('base64url');
    if (!id.startsWith('-')) return id;
  }
}

function serverProperties(dataFolder: string, port: number, controllerPort: number): string {
  return `process.roles=broker,controller
node.id=1
listeners=PLAINTEXT://127.0.0.1:${port},CONTROLLER://127.0.0.1:${controllerPort}
advertised.listeners=PLAINTEXT://127.0.0.1:${port}
controller.listener.names=CONTROLLER
inter.broker.listener.name=PLAINTEXT
listener.security.protocol.map=CONTROLLER:PLAINTEXT,PLAINTEXT:PLAINTEXT
controller.quorum.voters=1@127.0.0.1:${controllerPort}
log.dirs=${dataFolder}
auto.create.topics.enable=false
num.partitions=1
default.replication.factor=1
min.insync.replicas=1
offsets.topic.replication.factor=1
offsets.topic.num.partitions=4
transaction.state.log.replication.factor=1
transaction.state.log.min.isr=1
transaction.state.log.num.partitions=4
share.coordinator.state.topic.replication.factor=1
share.coordinator.state.topic.min.isr=1
group.initial.rebalance.delay.ms=0
# A broker that was killed may come back after this long, not after the default nine seconds.
broker.session.timeout.ms=3000
broker.heartbeat.interval.ms=1000
# Together with Connect's transaction timeout: bounds how long a killed connector task holds back readers.
transaction.abort.timed.out.transaction.cleanup.interval.ms=2000
num.network.threads=2
num.io.threads=4
background.threads=2
log.cleaner.dedupe.buffer.size=16777216
`;
}
