import type { KafkaClientOptions } from '@isobar/kafka';
import type { Logger } from 'pino';
import type { StreamAdminConfig } from './config.js';

/** Injection token of the broker's address and its client's settings. */
export const KAFKA_OPTIONS = Symbol('Kafka client options');

export const kafkaOptions = (config: StreamAdminConfig, log: Logger): KafkaClientOptions => ({
  brokers: config.KAFKA_BROKERS,
  clientId: 'stream-admin',
  log,
});
