import { startTestStack } from '@isobar/local-stack/testing';
import { KafkaObserver } from './kafka-observer.js';
import type { Lane } from './lanes.js';

/** Longer than any run. */
const NEVER_MS = String(7 * 24 * 3_600_000);

const CENTURY_MS = String(100 * 365 * 24 * 3_600_000);

export interface TestBroker extends Lane {
  /** host:port */
  readonly brokers: string;
  readonly kafka: KafkaObserver;
}

/**
 * A broker that deletes nothing by age and compacts nothing: records of the cases are from long ago, so that the marker of every
 * transaction begins a new segment, and what lies before it would be compacted within seconds. The cleaner looks every fifteen seconds
 * also at the age of what is both compacted and deleted, as results of windows are.
 */
export async function openTestBroker(): Promise<TestBroker> {
  const stack = await startTestStack({
    parts: ['kafka'],
    kafkaProperties: {
      'log.initial.task.delay.ms': NEVER_MS,
      'log.cleaner.backoff.ms': NEVER_MS,
      'log.cleaner.min.compaction.lag.ms': CENTURY_MS,
      'log.cleaner.max.compaction.lag.ms': CENTURY_MS,
    },
  });
  const kafka = new KafkaObserver(stack.kafkaBrokers);
  const close = async (): Promise<void> => {
    await kafka.close();
    await stack.stop();
  };
  try {
    await kafka.connect();
  } catch (error) {
    await close();
    throw error;
  }
  return { brokers: stack.kafkaBrokers, kafka, close };
}
