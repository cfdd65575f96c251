export { createMissingTopics, ensureTopics } from './admin/ensure-topics.js';
export { KeptAdmin, type Admin } from './admin/kept-admin.js';
export { topicDrift } from './admin/topic-drift.js';
export { TopicKeeper } from './admin/topic-keeper.js';
export { beginning, ClusterLook, end, type ClusterTopics, type TopicOffsets } from './cluster/cluster-look.js';
export { CompactReader } from './cluster/compact-reader.js';
export type { IncomingRecord } from './consumer/incoming-record.js';
export { readTopic } from './consumer/read-topic.js';
export {
  BadRecordError,
  RecordConsumer,
  RetryLaterError,
  type RecordConsumerOptions,
} from './consumer/record-consumer.js';
export { TopicFollower, type TopicFollowerOptions } from './consumer/topic-follower.js';
export { DeadLetterBox, ReplayRefusedError, type StoredDeadLetter } from './dead-letters/dead-letter-box.js';
export { toDeadLetterRecord, type DeadLetter } from './dead-letters/dead-letter.js';
export { NewestLetters } from './dead-letters/newest-letters.js';
export { createKafka, type KafkaClientOptions } from './kafka-client.js';
export { silentLog, type Log } from './log.js';
export { DiskQueue } from './producer/disk-queue.js';
export type { OutgoingRecord } from './producer/outgoing-record.js';
export { parseProducerSettings, ProducerSettingsError, type ProducerSettings } from './producer/producer-settings.js';
export { BufferFullError, RecordRefusedError } from './producer/producer-errors.js';
export { RecordProducer } from './producer/record-producer.js';
