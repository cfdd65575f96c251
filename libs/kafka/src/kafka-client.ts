import kafkajs, { type Kafka, type KafkaConfig, type LogEntry } from 'kafkajs';
import { registerCodecs } from './codecs/codecs.js';
import { keepIdleConnectionsIdle } from './idle-request-queue.js';
import type { Log } from './log.js';

const { Kafka: KafkaJs, logLevel } = kafkajs;

registerCodecs();
keepIdleConnectionsIdle();

export interface KafkaClientOptions {
  /** `host:port` of at least one broker. */
  readonly brokers: readonly string[];
  /** Shown in the broker's logs and quotas. */
  readonly clientId: string;
  readonly log: Log;
  readonly ssl?: KafkaConfig['ssl'];
  readonly sasl?: KafkaConfig['sasl'];
  readonly connectionTimeoutMs?: number;
  readonly retry?: KafkaConfig['retry'];
}

/** The one place where kafkajs is created: time limits, retries and log lines are the same for everybody. */
export function createKafka(options: KafkaClientOptions): Kafka {
  return new KafkaJs({
    brokers: [...options.brokers],
    clientId: options.clientId,
    connectionTimeout: options.connectionTimeoutMs ?? 3_000,
    requestTimeout: 15_000,
    retry: { initialRetryTime: 100, maxRetryTime: 2_000, retries: 6, ...options.retry },
    ...(options.ssl === undefined ? {} : { ssl: options.ssl }),
    ...(options.sasl === undefined ? {} : { sasl: options.sasl }),
    logLevel: logLevel.INFO,
    logCreator: () => (entry) => writeEntry(options.log, entry),
  });
}

/**
 * kafkajs writes each failed attempt as an error although it tries again. What finally fails reaches the caller, who knows what it
 * means; the attempts are details.
 */
function writeEntry(log: Log, entry: LogEntry): void {
  const { message, timestamp: _timestamp, logger: _logger, ...details } = entry.log;
  log.debug({ kafka: entry.namespace, ...details }, message);
}
