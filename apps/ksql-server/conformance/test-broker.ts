import { startTestStack, type TestStack } from '@isobar/local-stack/testing';

/** Longer than any run. */
const NEVER_MS = String(7 * 24 * 3_600_000);

const CENTURY_MS = String(100 * 365 * 24 * 3_600_000);

/**
 * A broker that deletes nothing by age and compacts nothing: records of the cases are from long ago, so that the marker of every
 * transaction begins a new segment, and what lies before it would be compacted within seconds.
 */
export const startTestBroker = (): Promise<TestStack> =>
  startTestStack({
    parts: ['kafka'],
    kafkaProperties: {
      'log.initial.task.delay.ms': NEVER_MS,
      'log.retention.ms': '-1',
      'log.cleaner.min.compaction.lag.ms': CENTURY_MS,
      'log.cleaner.max.compaction.lag.ms': CENTURY_MS,
    },
  });
