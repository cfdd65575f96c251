import { env } from '@isobar/service-kit';
import { parseProducerSettings } from '../producer/producer-settings.js';

/** What every service that produces reads: `serviceConfig(3003).extend({ ...producerVariables, … })`. */
export const producerVariables = {
  KAFKA_BROKERS: env.brokerList({ what: 'the Kafka brokers', default: '127.0.0.1:9092' }),
  KAFKA_PRODUCER: env.parsed({
    what: 'producer settings such as linger.ms=5,compression.type=lz4,acks=all',
    default: '',
    parse: parseProducerSettings,
  }),
  BUFFER_DIR: env
    .text({ what: 'a folder for records that wait while the broker is away (unset: memory only)' })
    .optional(),
  BUFFER_BYTES: env.integer({
    what: 'bytes that may wait there; beyond, new records are refused and counted',
    min: 65_536,
    max: 1_000_000_000_000,
    default: 268_435_456,
  }),
};
