/** The port to a Kafka cluster. */
export { KafkaBroker } from './adapters/kafka/kafka-broker.js';
