import { startTestStack, type TestStack } from '@isobar/local-stack/testing';

/** Longer than any run. */
const NEVER_MS = String(7 * 24 * 3_600_000);

/** A broker that deletes nothing by age: records of the cases are from long ago. */
export const startTestBroker = (): Promise<TestStack> =>
  startTestStack({
    parts: ['kafka'],
    kafkaProperties: { 'log.initial.task.delay.ms': NEVER_MS, 'log.retention.ms': '-1' },
  });
