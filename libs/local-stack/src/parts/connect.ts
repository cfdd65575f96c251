import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { StackHome } from '../home.js';
import type { JavaRuntime } from '../jvm/java.js';
import { jvmLaunch, log4j2Properties } from '../jvm/jvm-launch.js';
import { answersHttp, checkHttp, type Part } from '../part.js';
import type { Secrets } from '../secrets.js';

export interface ConnectOptions {
  readonly home: StackHome;
  readonly java: JavaRuntime;
  readonly port: number;
  readonly kafkaPort: number;
  readonly postgresPort: number;
  readonly secrets: Secrets;
}

/**
 * Kafka Connect, distributed mode with one worker, Debezium's PostgreSQL connector in its plugin path. Connector files name the
 * database by reference only: `${env:ISOBAR_CDC_HOST}`, `_PORT`, `_DATABASE`, `_USER`, and the password
 * `${file:...}` or `${env:ISOBAR_CDC_PASSWORD}`.
 */
export function connectPart({ home, java, port, kafkaPort, postgresPort, secrets }: ConnectOptions): Part {
  const propertiesFile = join(home.config, 'connect.properties');
  return {
    name: 'connect',
    // Not after kafka: the worker waits for the broker by itself, and its start is the longest.
    startsAfter: [],
    stopRank: 30,
    address: `http://127.0.0.1:${port}`,
    stop: { signal: 'SIGTERM', timeoutMs: 9000 },

    async prepare() {
      writeFileSync(join(home.config, 'log4j2.properties'), log4j2Properties);
      writeFileSync(propertiesFile, workerProperties(home, port, kafkaPort));
    },

    launch: () =>
      jvmLaunch({
        java,
        home,
        role: 'connect',
        program: { mainClass: 'org.apache.kafka.connect.cli.ConnectDistributed' },
        args: [propertiesFile],
        heapMaxMb: 384,
        environment: {
          ISOBAR_CDC_HOST: '127.0.0.1',
          ISOBAR_CDC_PORT: String(postgresPort),
          ISOBAR_CDC_DATABASE: 'isobar',
          ISOBAR_CDC_USER: 'isobar_cdc',
          ISOBAR_CDC_PASSWORD: secrets.cdcPassword,
        },
      }),

    // `/` answers long before the worker has joined its group; only `/health` tells.
    check: () => checkHttp(`http://127.0.0.1:${port}/health`),
    // `/health` waits for the worker, and the worker for the broker; `/` waits for nobody.
    isAlive: () => answersHttp(`http://127.0.0.1:${port}/`),
  };
}

function workerProperties(home: StackHome, port: number, kafkaPort: number): string {
  return `bootstrap.servers=127.0.0.1:${kafkaPort}
group.id=connect-cluster
listeners=http://127.0.0.1:${port}
rest.advertised.host.name=127.0.0.1
admin.listeners=
config.storage.topic=connect-configs
offset.storage.topic=connect-offsets
status.storage.topic=connect-status
config.storage.replication.factor=1
offset.storage.replication.factor=1
status.storage.replication.factor=1
offset.storage.partitions=5
status.storage.partitions=3
key.converter=org.apache.kafka.connect.json.JsonConverter
key.converter.schemas.enable=false
value.converter=org.apache.kafka.connect.json.JsonConverter
value.converter.schemas.enable=false
plugin.path=${join(home.jvm, 'plugins')}
# Scanning the jars instead would take four times the time and memory; Debezium's carry their service files.
plugin.discovery=service_load
exactly.once.source.support=enabled
producer.transaction.timeout.ms=10000
offset.flush.interval.ms=2000
scheduled.rebalance.max.delay.ms=10000
session.timeout.ms=6000
heartbeat.interval.ms=2000
connector.client.config.override.policy=None
config.providers=file,env
config.providers.file.class=org.apache.kafka.common.config.provider.FileConfigProvider
config.providers.file.param.allowed.paths=${home.secrets}
config.providers.env.class=org.apache.kafka.common.config.provider.EnvVarConfigProvider
config.providers.env.param.allowlist.pattern=^ISOBAR_CDC_.*
`;
}
