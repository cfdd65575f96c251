import type { KafkaClientOptions } from '@isobar/kafka';
import type { Logger } from 'pino';
import type { StreamAdminConfig } from './config.js';

export const kafkaOptions = (config: StreamAdminConfig, log: Logger): KafkaClientOptions => ({
  brokers: config.KAFKA_BROKERS,
  clientId: 'stream-admin',
  log,
});
