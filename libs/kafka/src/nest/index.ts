export { OwnTopics } from './own-topics.js';
export { ProducerModule } from './producer.module.js';
export { producerVariables } from './producer-variables.js';
