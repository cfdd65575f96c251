export { OwnTopics } from './own-topics.js';
export { ProducerModule } from './producer.module.js';
export { producerVariables } from './producer-variables.js';
export { KafkaTransport, type HandlerExtras, type KafkaTransportOptions } from './transport/kafka-transport.js';
export { RecordContext } from './transport/record-context.js';
