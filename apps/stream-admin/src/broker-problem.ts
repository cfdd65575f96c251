import { Problem } from '@isobar/service-kit';

/** What kafkajs throws when the connection went while a request waited for it; the one failure for which it has no class. */
const notConnected = 'Broker not connected';

/** For what a request needed of Kafka and did not get. */
export function brokerProblem(error: unknown): never {
  if (error instanceof Problem || !(error instanceof Error)) throw error;
  const isOfKafka =
    error.name.startsWith('KafkaJS') ||
    error.name === 'MissingTopicError' ||
    error.name === 'JournalUnwritableError' ||
    error.message === notConnected;
  if (!isOfKafka) throw error;
  throw new Problem(503, { type: 'upstream-unavailable', title: 'Kafka does not answer', detail: error.message });
}
