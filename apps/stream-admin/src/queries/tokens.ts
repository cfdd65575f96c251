/** Injection token of the broker's address and its client's settings. */
export const KAFKA_OPTIONS = Symbol('Kafka client options');
