import { CONFIG, LOGGER, Readiness, Shutdown } from '@isobar/service-kit';
import { Inject, Injectable, type OnApplicationBootstrap } from '@nestjs/common';
import { setTimeout as delay } from 'node:timers/promises';
import type { Logger } from 'pino';
import type { StreamAdminConfig } from '../config.js';
import { parseProducerSettings, RecordProducer, type KafkaClientOptions } from '@isobar/kafka';
import { KAFKA_OPTIONS } from '../kafka-options.js';
import { Cluster } from '../topics/cluster.js';
import { DeclaredTopics } from '../topics/declared-topics.js';
import { ConnectClient } from './connect-client.js';
import { readConnectorFiles } from './connector-files.js';
import { KeepConnector, type ConnectorReport } from './keep-connector.js';
import { ReplicationClient } from './replication-client.js';
import { capturedTables, isHalfway, resnapshot, type Resnapshot } from './resnapshot.js';

/** All connectors of the folder, each kept by its own loop. */
@Injectable()
export class Connectors implements OnApplicationBootstrap {
  private readonly stopped = new AbortController();
  private readonly loops: Promise<void>[] = [];
  private kept: readonly KeepConnector[] = [];
  private problem: string | undefined = 'the connector files were not read yet';
  private readonly producer: RecordProducer;

  constructor(
    @Inject(CONFIG) private readonly config: StreamAdminConfig,
    @Inject(LOGGER) private readonly logger: Logger,
    private readonly connect: ConnectClient,
    private readonly replication: ReplicationClient,
    @Inject(KAFKA_OPTIONS) private readonly kafka: KafkaClientOptions,
    private readonly cluster: Cluster,
    topics: DeclaredTopics,
    shutdown: Shutdown,
    readiness: Readiness,
  ) {
    shutdown.register('accepting', 'connectors', async () => {
      this.stopped.abort();
      // A look that waits for a Connect that hangs changes nothing any more; the stop need not wait for it.
      await Promise.race([Promise.all(this.loops), delay(1_000, undefined, { ref: false })]);
    });
    readiness.register({ name: 'connectors', check: () => this.check() });
    this.producer = new RecordProducer(kafka, parseProducerSettings(''));
    shutdown.register('producers', 'records of removed rows', async () => {
      await this.producer.close();
    });
    topics.onLoss((topic) => this.refill(topic));
  }

  async onApplicationBootstrap(): Promise<void> {
    try {
      const files = await readConnectorFiles(this.config.CONNECTORS_DIR);
      this.kept = files.map((file) => new KeepConnector(file, this.connect, this.replication, this.logger));
      this.problem = undefined;
    } catch (error) {
      this.problem = `CONNECTORS_DIR ${this.config.CONNECTORS_DIR}: ${error instanceof Error ? error.message : String(error)}`;
      this.logger.error({ err: error }, 'the connector files cannot be used; no connector was touched');
      return;
    }
    for (const connector of this.kept) this.loops.push(this.keep(connector));
  }

  reports(): ConnectorReport[] {
    return this.kept.map((connector) => connector.report);
  }

  /**
   * Takes a new snapshot of what a connector captures; see `resnapshot`.
   *
   * @returns undefined when no file declares the connector
   * @throws Error with the step that failed, or because one is under way
   */
  async resnapshot(name: string): Promise<Resnapshot | undefined> {
    const connector = this.kept.find(({ file }) => file.name === name);
    if (connector === undefined) return undefined;
    const { connect, replication, kafka, producer } = this;
    const { signal } = this.stopped;
    this.logger.warn({ connector: name }, 'taking a new snapshot');
    const taken = await connector.leaveTo((tell) =>
      resnapshot(connector.file, { connect, replication, kafka, producer, signal }, tell),
    );
    this.logger.info({ connector: name, ...taken }, 'a new snapshot was taken');
    return taken;
  }

  /** A topic that was lost and is there again, empty, gets all rows of its table again. */
  private refill(topic: string): string | undefined {
    const feeding = this.kept
      .filter(({ file }) => capturedTables(file.config).some((captured) => captured.topic === topic))
      .map(({ file }) => file.name);
    for (const name of feeding) void this.resnapshotUntilDone(name);
    return feeding.length === 0 ? undefined : `its rows come again by a new snapshot of ${feeding.join(', ')}`;
  }

  private async resnapshotUntilDone(name: string): Promise<void> {
    while (!this.stopped.signal.aborted) {
      try {
        await this.resnapshot(name);
        return;
      } catch (error) {
        this.logger.warn({ err: error, connector: name }, 'the new snapshot was not taken; trying again');
        await delay(5_000, undefined, { signal: this.stopped.signal }).catch(() => undefined);
      }
    }
  }

  /** While nobody looked, the topic was made anew, or a new snapshot was begun and not finished: Connect would go on where it had been. */
  private async mendOldHarm(connector: KeepConnector): Promise<void> {
    const { name, config } = connector.file;
    const tables = capturedTables(config);
    if (tables.length === 0) return;
    while (!this.stopped.signal.aborted) {
      try {
        const held = await this.connect.config(name);
        if (held === undefined) return;
        const isEmptied =
          (await this.connect.hasOffsets(name)) &&
          (await Promise.all(tables.map((captured) => this.isEmptied(captured)))).includes(true);
        if (isHalfway(held) || isEmptied) await this.resnapshotUntilDone(name);
        return;
      } catch {
        await delay(1_000, undefined, { signal: this.stopped.signal }).catch(() => undefined);
      }
    }
  }

  /** Whether the table has rows and its topic has never had one. */
  private async isEmptied({ table, topic }: { table: string; topic: string }): Promise<boolean> {
    const [found] = await this.cluster.topics([topic]);
    const isEmpty = found?.partitions.every(({ high }) => high === '0') ?? false;
    return isEmpty && (await this.replication.keys(table)).length > 0;
  }

  private async keep(connector: KeepConnector): Promise<void> {
    void this.mendOldHarm(connector);
    while (!this.stopped.signal.aborted) {
      const pauseMs = await connector.step();
      await delay(pauseMs, undefined, { signal: this.stopped.signal }).catch(() => undefined);
    }
  }

  private check(): void {
    if (this.problem !== undefined) throw new Error(this.problem);
    const missing = this.reports().filter(({ state }) => state !== 'running');
    if (missing.length > 0)
      throw new Error(missing.map(({ name, state, reason }) => `${name} is ${state}: ${reason ?? ''}`).join('; '));
  }
}
