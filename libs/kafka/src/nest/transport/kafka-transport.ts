import type { INestApplication } from '@nestjs/common';
import {
  Server,
  type CustomTransportStrategy,
  type MessageHandler,
  type NestMicroservice,
} from '@nestjs/microservices';
import type { Readiness, Shutdown } from '@isobar/service-kit';
import { isObservable, lastValueFrom } from 'rxjs';
import type { IncomingRecord } from '../../consumer/incoming-record.js';
import { RecordConsumer, RetryLaterError, type BatchControl } from '../../consumer/record-consumer.js';
import { TopicFollower } from '../../consumer/topic-follower.js';
import { TopicLook } from '../../consumer/topic-look.js';
import type { KafkaClientOptions } from '../../kafka-client.js';
import { inTurns } from './in-turns.js';
import { PassErrorsOn } from './pass-errors-on.js';
import { RecordContext } from './record-context.js';

/** What a handler declares beside its topic: `@EventPattern('topic', { batch: true })`. */
export interface HandlerExtras {
  /** It takes all records of a fetch from one partition at once. */
  readonly batch?: boolean;
  /** It says itself what is done, by `context.commit()`; otherwise that is so when it returns. */
  readonly commits?: 'handler';
}

export interface KafkaTransportOptions {
  readonly client: KafkaClientOptions;
  /**
   * The group that shares the work and remembers what was done. Without one each process reads all of the topics from their
   * beginning, keeps what it needs in memory, and commits nothing.
   */
  readonly group?: {
    readonly id: string;
    readonly fromBeginning: boolean;
    readonly sessionTimeoutMs?: number;
    /** How long the broker waits for records before it says that there are none; one that comes is told at once. */
    readonly maxWaitMs?: number;
    /** Where to go on in a partition, for offsets that are kept with the data; see `RecordConsumer`. */
    readonly position?: (topic: string, partition: number, endOffset: bigint) => Promise<bigint | undefined>;
  };
  /** Takes a record whose handler failed: to the dead letters, or counted. When it fails itself, the record comes again. */
  readonly onBadRecord: (record: IncomingRecord, error: Error) => Promise<void> | void;
  /** Without a group: a topic was made again, and what was read of it is no longer true. */
  readonly onReset?: (topic: string) => void;
  readonly readiness: Readiness;
  readonly shutdown: Shutdown;
}

interface Source {
  readonly name: string;
  readonly start: () => void;
  readonly stop: () => Promise<void>;
  readonly trouble: () => string | undefined;
}

/**
 * Nest's microservices on our consumers: `@EventPattern(topic)` (`EventPattern<string>` where the handler takes the context too) handles the records of a topic, each partition in order, one fetch at a
 * time, so that a slow handler slows the reading down and nothing piles up. A handler that throws `RetryLaterError` gets the
 * same records again after a pause; any other error concerns the record. Readiness and the ordered stop know each source.
 */
export class KafkaTransport extends Server implements CustomTransportStrategy {
  override readonly transportId = Symbol('isobar kafka');
  private sources: readonly Source[] = [];

  constructor(private readonly options: KafkaTransportOptions) {
    super();
  }

  /** Connects the transport with an application that answers over HTTP too, and starts it. */
  static async connect(app: INestApplication, transport: KafkaTransport): Promise<void> {
    const microservice = app.connectMicroservice({ strategy: transport }, { deferInitialization: true });
    microservice.useGlobalFilters(new PassErrorsOn());
    // The application calls the hooks of its modules: called here too, each of them would begin its work twice.
    (microservice as NestMicroservice).setIsInitHookCalled(true);
    await app.startAllMicroservices();
  }

  override listen(callback: () => void): void {
    const { readiness, shutdown, group } = this.options;
    this.sources = group === undefined ? this.followers() : [this.member(group)];
    for (const { name, start, stop, trouble } of this.sources) {
      readiness.register({
        name,
        check: () => {
          const reason = trouble();
          if (reason !== undefined) throw new Error(reason);
        },
      });
      shutdown.register('consumers', name, stop);
      start();
    }
    callback();
  }

  override async close(): Promise<void> {
    await Promise.all(this.sources.map(({ stop }) => stop()));
  }

  /** There are no events of the transport itself: its state is in the readiness report. */
  override on(): void {}

  /** The consumers. */
  override unwrap<Sources>(): Sources {
    return this.sources as Sources;
  }

  /** Why nothing is read, or undefined. */
  get trouble(): string | undefined {
    for (const { trouble } of this.sources) {
      const reason = trouble();
      if (reason !== undefined) return reason;
    }
    return this.sources.length === 0 ? 'has not begun yet' : undefined;
  }

  private followers(): readonly Source[] {
    const { client, onReset } = this.options;
    const look = new TopicLook(client);
    return [...this.messageHandlers].map(([topic, handler]) => {
      const follower = new TopicFollower({
        kafka: client,
        topic,
        look,
        handle: (records) => this.handleOrSetAside(handler, records),
        ...(onReset === undefined ? {} : { onReset: () => onReset(topic) }),
      });
      return {
        name: topic,
        start: () => follower.start(),
        stop: () => follower.stop(),
        trouble: () => follower.trouble,
      };
    });
  }

  private member(group: NonNullable<KafkaTransportOptions['group']>): Source {
    const { client, onBadRecord } = this.options;
    const consumer = new RecordConsumer({
      ...client,
      groupId: group.id,
      topics: [...this.messageHandlers.keys()],
      fromBeginning: group.fromBeginning,
      ...(group.sessionTimeoutMs === undefined ? {} : { sessionTimeoutMs: group.sessionTimeoutMs }),
      ...(group.maxWaitMs === undefined ? {} : { maxWaitMs: group.maxWaitMs }),
      ...(group.position === undefined ? {} : { position: group.position }),
      isOneByOne: (topic) => extrasOf(this.messageHandlers.get(topic)).batch !== true,
      isCommittedByHandler: (topic) => extrasOf(this.messageHandlers.get(topic)).commits === 'handler',
      handle: async (records, control) => {
        const handler = this.messageHandlers.get(records[0]?.topic ?? '');
        if (handler !== undefined) await this.call(handler, records, control);
      },
      onBadRecord: async (record, error) => onBadRecord(record, error),
    });
    return {
      name: group.id,
      start: () => void consumer.start(),
      stop: () => consumer.stop(),
      trouble: () => consumer.trouble?.message,
    };
  }

  /** Without a group nobody else tries again. */
  private async handleOrSetAside(handler: MessageHandler, records: readonly IncomingRecord[]): Promise<void> {
    try {
      if (extrasOf(handler).batch === true) {
        await this.call(handler, records);
        return;
      }
    } catch (error) {
      if (isRetryLater(error)) throw error;
    }
    await inTurns(records, async (record) => {
      try {
        await this.call(handler, [record]);
      } catch (error) {
        if (isRetryLater(error)) throw error;
        await this.options.onBadRecord(record, error instanceof Error ? error : new Error(String(error)));
      }
    });
  }

  /** Each of the handlers of a topic, one after another. */
  private async call(first: MessageHandler, records: readonly IncomingRecord[], control?: BatchControl): Promise<void> {
    const [head, ...rest] = records;
    if (head === undefined) return;
    const context = new RecordContext([head, ...rest], control?.commit);
    const data = extrasOf(first).batch === true ? records : head;
    for (let handler: MessageHandler | undefined = first; handler !== undefined; handler = handler.next as never) {
      const result: unknown = await handler(data, context);
      if (isObservable(result)) await lastValueFrom(result, { defaultValue: undefined });
    }
  }
}

const extrasOf = (handler: MessageHandler | undefined): HandlerExtras => (handler?.extras ?? {}) as HandlerExtras;

const isRetryLater = (error: unknown): boolean => error instanceof RetryLaterError;
