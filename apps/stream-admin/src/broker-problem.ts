import { Problem } from '@isobar/service-kit';

/** For what a request needed of Kafka and did not get. */
export function brokerProblem(error: unknown): never {
  if (error instanceof Problem) throw error;
  const isOfKafka = error instanceof Error && (error.name.startsWith('KafkaJS') || error.name === 'MissingTopicError');
  if (!isOfKafka) throw error;
  throw new Problem(503, { type: 'upstream-unavailable', title: 'Kafka does not answer', detail: error.message });
}
