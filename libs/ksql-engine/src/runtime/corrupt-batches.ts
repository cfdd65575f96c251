import { CorruptRecordsError, type BrokerReader, type FetchedPartition } from '../ports/broker.js';

/**
 * What becomes of a batch that cannot be read: `stop` (so it is when nothing is said) stops its query there, with the reason, until the
 * batch is gone; `skip` goes on behind it, and counts and tells what is lost.
 */
export const CORRUPT_BATCHES_PROPERTY = 'ksql.corrupt.batches';

export interface CorruptBatchHooks {
  readonly skips: boolean;
  /** The records from `error.offset` up to that offset are passed over. */
  onSkipped(error: CorruptRecordsError, nextOffset: number): void;
  /** What lies before the batch is to be kept: all would be done again at each later try. */
  onStop(): Promise<void>;
}

/** A poll of which no batch that cannot be read is an error, if such are skipped. */
export async function pollReadable(
  poll: () => Promise<readonly FetchedPartition[]>,
  reader: BrokerReader,
  hooks: CorruptBatchHooks,
): Promise<readonly FetchedPartition[]> {
  try {
    return await poll();
  } catch (error) {
    if (!(error instanceof CorruptRecordsError)) throw error;
    if (!hooks.skips || error.nextOffset === undefined) {
      await hooks.onStop();
      throw error;
    }
    hooks.onSkipped(error, error.nextOffset);
    reader.moveTo({ topic: error.topic, partition: error.partition, offset: error.nextOffset });
    return [];
  }
}
