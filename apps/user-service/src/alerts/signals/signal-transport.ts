import { topics } from '@isobar/contracts';
import type { IncomingRecord, KafkaClientOptions } from '@isobar/kafka';
import { KafkaTransport, OwnTopics } from '@isobar/kafka/nest';
import { CONFIG, LOGGER, Metrics, Readiness, SampledLog, Shutdown } from '@isobar/service-kit';
import { Inject, Injectable, type INestApplication } from '@nestjs/common';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Logger } from 'pino';
import type { UserServiceConfig } from '../../config.js';
import { CaughtUp } from '../clock/caught-up.js';
import { Database } from '../../database/database.js';
import { alertsGroup, ConsumedOffsets } from '../keeping/consumed-offsets.js';

const signalTopics = [topics.readingSignals, topics.observationSignals, topics.forecastSignals];
const takenTopics = [...signalTopics, topics.weatherAlerts];
/** A database that has just been asked for may need a moment; the partition waits as long. */
const attemptsMax = 20;
const pauseMs = 250;

/** How signals reach their controller. Without brokers none do, and everything else of the service works. */
@Injectable()
export class SignalTransport {
  private caughtUp: CaughtUp | undefined;

  constructor(
    @Inject(CONFIG) private readonly config: UserServiceConfig,
    @Inject(LOGGER) private readonly log: Logger,
    private readonly metrics: Metrics,
    private readonly readiness: Readiness,
    private readonly shutdown: Shutdown,
    private readonly offsets: ConsumedOffsets,
    private readonly database: Database,
  ) {}

  async connect(app: INestApplication): Promise<void> {
    const { readiness, shutdown, log } = this;
    const { KAFKA_BROKERS: brokers } = this.config;
    if (brokers === undefined) {
      log.warn('KAFKA_BROKERS is not set: no signals are read and no alerts are raised');
      return;
    }
    const client: KafkaClientOptions = { brokers, clientId: 'user-service', log };
    const own = new OwnTopics(client, takenTopics);
    shutdown.register('connections', 'topics of signals', () => own.stop());
    void own.start();
    const transport = new KafkaTransport({
      client,
      group: {
        id: alertsGroup,
        fromBeginning: true,
        maxWaitMs: 1_000,
        position: (topic, partition, endOffset) => this.position(topic, partition, endOffset),
      },
      onBadRecord: this.badRecords(),
      readiness,
      shutdown,
    });
    const names = signalTopics.map(({ name }) => name);
    const caughtUp = new CaughtUp(client, names, this.database, () => transport.trouble);
    shutdown.register('connections', 'ends of signals', () => caughtUp.close());
    this.caughtUp = caughtUp;
    await KafkaTransport.connect(app, transport);
  }

  /** Whether everything that was written has been taken; see `CaughtUp`. */
  async isCaughtUp(nowMs: number): Promise<boolean> {
    return (await this.caughtUp?.look(nowMs).catch(() => false)) ?? false;
  }

  private async position(topic: string, partition: number, endOffset: bigint): Promise<bigint | undefined> {
    for (let attempt = 1; ; attempt += 1) {
      try {
        return await this.offsets.claim(topic, partition, endOffset);
      } catch (error) {
        if (attempt === attemptsMax) throw error;
        await sleep(pauseMs);
      }
    }
  }

  private badRecords(): (record: IncomingRecord, error: Error) => void {
    const count = this.metrics.counter('alert_bad_signals_total', 'Records that are no signal', ['topic']);
    for (const { name } of takenTopics) count.inc({ topic: name }, 0);
    const log = new SampledLog(this.log);
    this.shutdown.register('connections', 'log of bad signals', () => log.close());
    return ({ topic, partition, offset }, error) => {
      count.inc({ topic });
      log.warn({ topic }, 'a record is no signal', () => ({ partition, offset, err: error }));
    };
  }
}
