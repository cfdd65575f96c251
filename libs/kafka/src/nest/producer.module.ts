import type { TopicDeclaration } from '@isobar/contracts';
import { CONFIG, LOGGER, Metrics, Readiness, Shutdown } from '@isobar/service-kit';
import { Inject, Module, type DynamicModule, type OnApplicationBootstrap } from '@nestjs/common';
import { join } from 'node:path';
import type { z } from 'zod';
import type { KafkaClientOptions } from '../kafka-client.js';
import type { Log } from '../log.js';
import { DiskQueue } from '../producer/disk-queue.js';
import { RecordProducer } from '../producer/record-producer.js';
import { OwnTopics } from './own-topics.js';
import type { producerVariables } from './producer-variables.js';

type ProducerConfig = z.output<z.ZodObject<typeof producerVariables>>;

/** Where records wait on disk, if anywhere. */
interface Buffered {
  readonly disk?: DiskQueue;
}

const BUFFER = Symbol('where records wait on disk');
const KAFKA_CLIENT = Symbol('how this service reaches the brokers');

/** The way to Kafka of a service that produces: its producer, its topics, both part of its readiness and of its ordered stop. */
@Module({})
export class ProducerModule implements OnApplicationBootstrap {
  /** @param service its name: the client id, and the folder of what waits on disk */
  static forService(service: string, topics: readonly TopicDeclaration[]): DynamicModule {
    return {
      module: ProducerModule,
      providers: [
        {
          provide: KAFKA_CLIENT,
          inject: [CONFIG, LOGGER],
          useFactory: ({ KAFKA_BROKERS: brokers }: ProducerConfig, log: Log): KafkaClientOptions => ({
            brokers,
            clientId: service,
            log,
          }),
        },
        {
          provide: BUFFER,
          inject: [KAFKA_CLIENT, CONFIG],
          useFactory: (client: KafkaClientOptions, config: ProducerConfig): Buffered => {
            const folder = config.BUFFER_DIR === undefined ? undefined : join(config.BUFFER_DIR, service);
            return folder === undefined ? {} : { disk: new DiskQueue(folder, config.BUFFER_BYTES, client.log) };
          },
        },
        {
          provide: RecordProducer,
          inject: [KAFKA_CLIENT, CONFIG, Metrics, BUFFER],
          useFactory: (client: KafkaClientOptions, config: ProducerConfig, metrics: Metrics, { disk }: Buffered) => {
            const producer = new RecordProducer(client, config.KAFKA_PRODUCER, disk);
            metrics.gauge('isobar_producer_pending_bytes', 'bytes that wait for the broker', [], (gauge) =>
              gauge.set(producer.pendingBytes),
            );
            metrics.gauge(
              'isobar_producer_refused_records',
              'records that were not taken for want of room, or that Kafka will never take, since the start',
              [],
              (gauge) => gauge.set(producer.refusedRecords),
            );
            metrics.gauge(
              'isobar_producer_set_aside',
              'files and chunks of waiting records that could not be read and were put aside, since the start',
              [],
              (gauge) => gauge.set(disk?.setAsideCount ?? 0),
            );
            return producer;
          },
        },
        {
          provide: OwnTopics,
          inject: [KAFKA_CLIENT],
          useFactory: (client: KafkaClientOptions) => new OwnTopics(client, topics),
        },
      ],
      exports: [RecordProducer, OwnTopics],
    };
  }

  constructor(
    private readonly producer: RecordProducer,
    private readonly topics: OwnTopics,
    private readonly readiness: Readiness,
    private readonly shutdown: Shutdown,
    @Inject(LOGGER) private readonly log: Log,
    @Inject(BUFFER) private readonly buffer: Buffered,
  ) {}

  onApplicationBootstrap(): void {
    this.readiness.register({
      name: 'kafka',
      check: () => {
        this.topics.check();
        if (this.producer.trouble !== undefined) throw this.producer.trouble;
      },
    });
    const { disk } = this.buffer;
    if (disk !== undefined)
      this.readiness.register({
        name: 'buffer',
        optional: true,
        check: () => {
          if (disk.trouble !== undefined) throw new Error(disk.trouble);
          if (disk.setAsideCount > 0)
            throw new Error('records that waited on disk could not be read; they are beside it, as set-aside-…');
        },
      });
    this.shutdown.register('accepting', 'topics', () => this.topics.stop());
    this.shutdown.register('producers', 'records', async () => {
      const lost = await this.producer.close();
      if (lost > 0) this.log.error({ records: lost }, 'the broker did not take the last records');
    });
    void this.topics.start();
  }
}
